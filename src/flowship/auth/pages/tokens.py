"""What the page of tokens says: those that there are, the form for a new one, and the new one, once."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.auth.pages.page import Page, news, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.database.own_tables.tokens_table import Token

DAYS = {"30": "30 days", "90": "90 days", "365": "a year", "": "without an end"}
"""How long a token may last."""


def tokens_page(
    tokens: Sequence[Token],
    username: str,
    now: float,
    *,
    is_admin: bool,
    new: str = "",
    said: str = "",
    wrong: str = "",
    status: int = 200,
) -> Page:
    """Make the page for a user, who sees those of others too as an admin."""
    parts = [
        f"<p>Programs show a token instead of the password of <strong>{escape(username)}</strong>: set it as"
        " <code>MLFLOW_TRACKING_TOKEN</code>.</p>\n",
        problem(wrong),
        news(said),
        _shown_once(new) if new else "",
        _list(tokens, now, is_admin=is_admin),
        _form(is_admin=is_admin),
        '<p class="hint"><a href="./">Go to MLflow</a></p>\n',
    ]
    return Page("Tokens", "".join(parts), status, wide=True)


def unavailable_page(sentence: str) -> Page:
    """Make the page that tells why no tokens are shown, and that none was made or revoked."""
    return Page("Tokens", problem(sentence), HTTPStatus.SERVICE_UNAVAILABLE)


def _shown_once(token: str) -> str:
    return (
        '<div class="good" role="status"><p>This is the new token. Copy it now: it is shown this once.</p>\n'
        f'<code class="secret">{escape(token)}</code></div>\n'
    )


def _list(tokens: Sequence[Token], now: float, *, is_admin: bool) -> str:
    if not tokens:
        return "<h2>There are no tokens yet</h2>\n"
    rows = "".join(_row(token, now, is_admin=is_admin) for token in tokens)
    return f'<h2>Tokens that there are</h2>\n<ul class="rows">\n{rows}</ul>\n'


def _row(token: Token, now: float, *, is_admin: bool) -> str:
    what = [
        f"of {token.username}" if is_admin else "",
        "may only read" if token.read_only else "may all that the user may",
        f"made {day(token.made_at)}" + (f" by {token.made_by}" if token.made_by not in ("", token.username) else ""),
        _end(token, now),
        f"last used {day(token.used_at)}" if token.used_at else "never used",
    ]
    return (
        f'<li><div class="what"><strong>{escape(token.name)}</strong>'
        f"<span>{escape(', '.join(filter(None, what)))}</span></div>\n"
        '<form method="post"><input type="hidden" name="do" value="revoke">'
        f'<input type="hidden" name="id" value="{escape(token.id)}">'
        f'<button class="other small" type="submit" aria-label="Revoke {escape(token.name)}">Revoke</button>'
        "</form></li>\n"
    )


def _end(token: Token, now: float) -> str:
    if token.expires_at is None:
        return "without an end"
    return f"{'ended' if token.expires_at <= now else 'ends'} {day(token.expires_at)}"


def _form(*, is_admin: bool) -> str:
    choices = "".join(
        f'<option value="{days}"{" selected" if days == "90" else ""}>{text}</option>' for days, text in DAYS.items()
    )
    another = (
        '<label for="for">For the user (yourself when empty)</label>\n'
        '<input id="for" name="for" autocomplete="off" autocapitalize="none" spellcheck="false">\n'
    )
    return (
        '<h2>New token</h2>\n<form method="post">\n<input type="hidden" name="do" value="make">\n'
        '<label for="name">What it is for</label>\n<input id="name" name="name" maxlength="100" required>\n'
        f"{another if is_admin else ''}"
        f'<label for="days">How long it lasts</label>\n<select id="days" name="days">{choices}</select>\n'
        "<fieldset><legend>What it may do</legend>\n"
        '<label class="choice"><input type="radio" name="scope" value="read" checked> It may only read</label>\n'
        '<label class="choice"><input type="radio" name="scope" value="all"> It may all that the user may</label>\n'
        "</fieldset>\n"
        '<button type="submit">Make the token</button>\n</form>\n'
    )


def day(seconds: int) -> str:
    """Give the day of a time, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
