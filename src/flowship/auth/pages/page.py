"""The frame of all pages of ours: HTML and CSS alone, which no script, frame or other site's picture can get into."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence
    from typing import Any

    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --ground: #f6f7f9; --card: #fff; --edge: #d0d5dd;
  --line: #8a94a3; --blue: #0b63c5; --on-blue: #fff; --bad: #b3261e; --bad-ground: #fdecea; --good: #1a6b3c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a9b1bc; --ground: #111418; --card: #1b2027;
  --edge: #343c47; --line: #77828f; --blue: #7ab7ff; --on-blue: #0b1a2b; --bad: #ffb4ab; --bad-ground: #3b1a18;
  --good: #7fd6a0; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; padding: 8vh 1rem 2rem;
  background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 2rem 1.75rem; background: var(--card); border: 1px solid var(--edge);
  border-radius: 12px; }
main.wide { max-width: 60rem; }
.brand { margin: 0 0 .25rem; color: var(--soft); font-weight: 600; letter-spacing: .02em; }
h1 { margin: 0 0 1.25rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 2rem 0 .75rem; font-size: 1.15rem; }
label { display: block; margin: 1rem 0 .35rem; font-weight: 600; }
fieldset { margin: 1rem 0 0; padding: 0; border: 0; }
legend { padding: 0; font-weight: 600; }
label.choice { display: flex; gap: .6rem; align-items: baseline; font-weight: 400; margin: .4rem 0; }
input:not([type=radio]), select { width: 100%; padding: .65rem .75rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
button, .button { display: block; width: 100%; margin-top: 1.5rem; padding: .7rem 1rem; font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; color: var(--on-blue); background: var(--blue); border-radius: 8px;
  border: 1px solid var(--blue); cursor: pointer; }
.button.other, button.other { color: var(--blue); background: transparent; margin-top: .75rem; }
button.small { width: auto; margin: 0; padding: .35rem .75rem; }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
.bad, .good { margin: 0 0 1rem; padding: .7rem .85rem; border-radius: 8px; border: 1px solid currentColor; }
.bad { color: var(--bad); background: var(--bad-ground); }
.good { color: var(--good); }
.good p { margin: 0 0 .7rem; }
.hint { color: var(--soft); font-size: .9rem; margin: 1.25rem 0 0; }
a { color: var(--blue); }
code { font: .95em ui-monospace, monospace; overflow-wrap: anywhere; }
.secret { display: block; padding: .75rem; border: 1px dashed var(--line); border-radius: 8px; user-select: all; }
.rows { list-style: none; margin: 0; padding: 0; }
.rows li { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; justify-content: space-between;
  padding: .75rem 0; border-top: 1px solid var(--edge); }
.rows .what { flex: 1 1 14rem; overflow-wrap: anywhere; }
.rows .what span { display: block; color: var(--soft); font-size: .9rem; }
"""

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    # Not `no-referrer`, with which a browser says `Origin: null` of our own forms.
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True)
class Page:
    """One page: its status, and what stands in it, as HTML."""

    title: str
    content: str
    status: int = 200
    headers: Sequence[tuple[bytes, bytes]] = ()
    wide: bool = False

    def html(self) -> str:
        """Write the whole document."""
        wide = ' class="wide"' if self.wide else ""
        return (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escape(self.title)} - MLflow</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main{wide}>\n"
            f'<p class="brand">MLflow</p>\n<h1>{escape(self.title)}</h1>\n{self.content}\n</main>\n</body>\n</html>\n'
        )


async def show(page: Page, send: Send, *, method: str = "GET") -> None:
    """Answer with a page."""
    body = page.html().encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        *HEADERS,
        *page.headers,
    ]
    await send({"type": "http.response.start", "status": page.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


async def go_to(address: str, send: Send, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    """Send a browser to another page of this server."""
    headers = [(b"location", address.encode()), (b"content-length", b"0"), *HEADERS, *more]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def problem(sentence: str) -> str:
    """Write what was wrong, so that a screen reader says it at once. Some say nothing of an alert that is there from
    the beginning, so the field with the focus is `described` by it."""
    return f'<p class="bad" id="problem" role="alert">{escape(sentence)}</p>\n' if sentence else ""


def described(wrong: str) -> str:
    """Write the attribute of the field that has the focus, with which what was wrong is said."""
    return ' aria-describedby="problem"' if wrong else ""


def news(sentence: str) -> str:
    """Write what has happened."""
    return f'<p class="good" role="status">{escape(sentence)}</p>\n' if sentence else ""
