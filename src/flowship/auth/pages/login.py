"""What the login page says: the form, the buttons, and in a sentence what was wrong."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from flowship.auth.authenticator import Forbidden, Slowed, Unavailable
from flowship.auth.gate.response import QUIET, told
from flowship.auth.pages.page import Page, described, news, problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.auth.authenticator import Outcome
    from flowship.auth.sign_in import Button

WRONG = "The name or the password is wrong."
UNAVAILABLE = "Your name and password cannot be verified at the moment. Try again in a few seconds."
FOREIGN = "The form was sent from a page of another site. Sign in here, on this server's own page."
LOGGED_OUT = "You have logged out."


class LoginPage:
    """Makes the pages of a server under its static prefix; `passwords` and `tokens` say whether it
    takes those."""

    def __init__(
        self, static_prefix: str, *, passwords: bool, tokens: bool = False, buttons: Sequence[Button] = ()
    ) -> None:
        self._prefix = static_prefix
        self._passwords = passwords
        self._tokens = tokens
        self._buttons = buttons

    def form(self, back: str, *, username: str = "", wrong: str = "", said: str = "", status: int = 200) -> Page:
        """Make the page that asks who it is; `back` is where it leads afterwards."""
        parts = [problem(wrong), news(said)]
        if self._passwords:
            parts.append(self._ask_for_password(back, username, wrong))
        parts += [
            f'<a class="button other" href="{escape(self._leading_back(button, back))}">{escape(button.text)}</a>\n'
            for button in self._buttons
        ]
        headers = [(b"www-authenticate", QUIET)] if status == 401 else []
        return Page("Sign in", "".join(parts), status, headers)

    def _leading_back(self, button: Button, back: str) -> str:
        return button.address if back in ("", f"{self._prefix}/") else f"{button.address}?next={quote(back, safe='/')}"

    def leaving(self, address: str, headers: Sequence[tuple[bytes, bytes]]) -> Page:
        """Make the page for who has logged out here, from which the browser goes on to log out elsewhere, too. A
        browser would not follow a redirect there, since it comes from a form that may be sent to this server only."""
        content = (
            f'<p>You are logged out of the provider, too.</p>\n<a class="button" href="{escape(address)}">Go on</a>'
        )
        return Page("You have logged out", content, headers=[*headers, (b"refresh", b"0; url=" + address.encode())])

    def refused(self, outcome: Outcome, back: str, username: str) -> Page:
        """Make the page that tells why somebody may not come in."""
        status, _, headers = told(outcome)
        page = self.form(back, username=username, wrong=sentence(outcome), status=status)
        return replace(page, headers=[*page.headers, *headers])

    def signed_in(self, username: str) -> Page:
        """Make the page for who has a session already."""
        return Page(
            "You are signed in",
            f"<p>as <strong>{escape(username)}</strong></p>\n"
            f'<a class="button" href="{escape(self._prefix)}/">Go to MLflow</a>\n{self._to_tokens()}{self._log_out()}',
        )

    def ask_to_log_out(self) -> Page:
        """Make the page that a link of another site leads to."""
        return Page("Log out", f"<p>Do you want to log out of MLflow here?</p>\n{self._log_out()}")

    def _to_tokens(self) -> str:
        if not self._tokens:
            return ""
        return f'<a class="button other" href="{escape(self._prefix)}/tokens">Tokens for programs</a>\n'

    def _log_out(self) -> str:
        return (
            f'<form method="post" action="{escape(self._prefix)}/logout">'
            '<button class="other" type="submit">Log out</button></form>\n'
        )

    def _ask_for_password(self, back: str, username: str, wrong: str) -> str:
        here = f" autofocus{described(wrong)}"
        focus = ("", here) if username else (here, "")
        return (
            '<form method="post">\n'
            f'<input type="hidden" name="next" value="{escape(back)}">\n'
            '<label for="username">Name</label>\n'
            f'<input id="username" name="username" value="{escape(username)}" autocomplete="username"'
            f' autocapitalize="none" spellcheck="false" required{focus[0]}>\n'
            '<label for="password">Password</label>\n'
            '<input id="password" name="password" type="password" autocomplete="current-password"'
            f" required{focus[1]}>\n"
            '<button type="submit">Sign in</button>\n</form>\n'
        )


def sentence(outcome: Outcome) -> str:
    """Tell a person why somebody may not come in."""
    match outcome:
        case Forbidden(why):
            return why
        case Unavailable():
            return UNAVAILABLE
        case Slowed(seconds):
            return (
                f"There were too many failed log-ins with this name or from your address. Try again in {seconds}"
                f" second{'' if seconds == 1 else 's'}."
            )
    return WRONG
