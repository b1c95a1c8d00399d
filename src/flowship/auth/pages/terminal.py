"""What the page says that lets a terminal in: the form for its code, and who asks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from flowship.auth.pages.page import Page, described, news, problem
from flowship.auth.terminals.requests import DAYS, shown

if TYPE_CHECKING:
    from flowship.database.own_tables.terminal_requests import Asking

TITLE = "Let a terminal in"
LET_IN = "The terminal is let in. You can close this page."
TURNED_AWAY = "The terminal is told that you have refused."


def ask_for_code(wrong: str = "", status: int = 200) -> Page:
    """Make the page that asks for the code which a terminal shows."""
    return Page(
        TITLE,
        f"{problem(wrong)}<p>Type the code that <code>flowship login</code> shows in your terminal.</p>\n"
        '<form method="post">\n<label for="code">Code</label>\n'
        '<input id="code" name="code" maxlength="20" autocomplete="off" autocapitalize="characters"'
        f' spellcheck="false" required autofocus{described(wrong)}>\n<button type="submit">Go on</button>\n</form>\n',
        status,
    )


def ask_whether(code: str, asking: Asking, username: str, address: str) -> Page:
    """Make the page that names who asks, and lets the person decide."""
    elsewhere = (
        problem(
            f"It asks from {asking.address}, and you are at {address or 'an unknown address'}. If your terminal is not"
            " on another machine, refuse."
        )
        if asking.address != address
        else ""
    )
    may = "read" if asking.read_only else "do"
    return Page(
        TITLE,
        f'{elsewhere}<p>The terminal that shows <code class="secret">{escape(shown(code))}</code></p>\n'
        f"<p>at the address <strong>{escape(asking.address)}</strong>, which says to be"
        f" <strong>{escape(asking.program or 'nothing')}</strong>, wants to {may} for {DAYS} days all that"
        f" <strong>{escape(username)}</strong> may {may}.</p>\n"
        "<p>Allow it only if you have started it yourself, a moment ago. If somebody sent you here, refuse.</p>\n"
        f'<form method="post"><input type="hidden" name="code" value="{escape(code)}">\n'
        '<button type="submit" name="do" value="allow">Allow</button>\n'
        '<button class="other" type="submit" name="do" value="refuse">Refuse</button>\n</form>\n',
    )


def answered(sentence: str) -> Page:
    """Make the page that says what was done."""
    return Page(
        TITLE,
        f'{news(sentence)}<p class="hint"><a href="tokens">Tokens that there are</a></p>\n',
    )
