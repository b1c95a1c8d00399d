"""The cookie that holds a session's id, and the one beside it that MLflow's pages can remove.

The id is for nobody but the server: `HttpOnly`, `SameSite=Lax`, of this host only, and `Secure` behind HTTPS. The
second holds nothing. MLflow's own Log out removes it, and can do no more against a cookie that scripts cannot see: an
id without it means that its user has logged out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.mlflow_seams.auth.pages import USER_COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.auth.authenticator import Scope

Header = tuple[bytes, bytes]

COOKIE = b"cookie"
SET_COOKIE = b"set-cookie"

NAME = "flowship_session"
SHOWN = USER_COOKIE.encode()
SIGNED_IN = "signed-in"
"""What the cookie that pages see holds."""

LONGEST_HEADER = 16_384
"""Bytes of cookies that are read; browsers send no more for one host than some servers take in all headers."""
LONGEST_ID = 128
"""Bytes of the longest id that is looked at; ours have 43."""


@dataclass(frozen=True)
class Found:
    """The session's cookies in a request."""

    id: str | None = None
    """The one id; None if there is none, or more than one: a page of a host beside this one can add a second cookie."""
    any: bool = False
    """Whether there is any cookie of this name."""
    shown: bool = False
    """Whether the cookie is there that pages can remove."""


class Cookies:
    """Reads and writes the cookies of a server under its static prefix."""

    def __init__(self, static_prefix: str = "") -> None:
        self._path = static_prefix or "/"

    def name(self, scope: Scope) -> str:
        """Give the name of the id's cookie: behind HTTPS one that no page without HTTPS can set, and where the path
        allows it none but this host's."""
        if scope.get("scheme") != "https":
            return NAME
        return f"__Host-{NAME}" if self._path == "/" else f"__Secure-{NAME}"

    def find(self, scope: Scope) -> Found:
        """Find the cookies in a request."""
        header = cookie_header(scope)
        if header is None:
            return Found()
        name = self.name(scope).encode()
        ids, shown = set(), False
        for key, value in pairs(header):
            if key == name:
                ids.add(value)
            elif key == SHOWN:
                shown = True
        one = next(iter(ids)) if len(ids) == 1 else b""
        usable = 0 < len(one) <= LONGEST_ID and one.isascii()
        return Found(one.decode() if usable else None, bool(ids), shown)

    def without(self, scope: Scope) -> bytes:
        """Give a request's cookies without those of ours, which nothing behind the gate needs to see."""
        ours = {self.name(scope).encode(), SHOWN}
        parts = _parts(cookie_header(scope) or b"")
        return b"; ".join(part for part in parts if part.partition(b"=")[0].strip() not in ours)

    def set(self, scope: Scope, id: str, lifetime: int) -> list[Header]:  # noqa: A002 - what a session has
        """Write the headers that give a browser a session."""
        return [
            set_cookie(scope, self.name(scope), id, lifetime, path=self._path),
            set_cookie(scope, USER_COOKIE, SIGNED_IN, lifetime, path=self._path, hidden=False),
        ]

    def clear(self, scope: Scope) -> list[Header]:
        """Write the headers that take a session's cookies from a browser."""
        return [
            set_cookie(scope, self.name(scope), "", 0, path=self._path),
            set_cookie(scope, USER_COOKIE, "", 0, path=self._path, hidden=False),
        ]


def set_cookie(scope: Scope, name: str, value: str, age: int, *, path: str = "/", hidden: bool = True) -> Header:
    """Write the header that gives a browser a cookie for some seconds, or with none takes it away; a hidden one is for
    no script."""
    parts = [f"{name}={value}", f"Path={path}", f"Max-Age={age}", "SameSite=Lax"]
    if hidden:
        parts.append("HttpOnly")
    if scope.get("scheme") == "https":
        parts.append("Secure")
    return SET_COOKIE, "; ".join(parts).encode()


def cookie_header(scope: Scope) -> bytes | None:
    """Give all cookies of a request as one text, or None for none; more than is reasonable counts as none."""
    found = [value for name, value in scope["headers"] if name.lower() == COOKIE]
    if not found or sum(map(len, found)) > LONGEST_HEADER:
        return None
    return found[0] if len(found) == 1 else b"; ".join(found)


def _parts(header: bytes) -> list[bytes]:
    """Split what a browser sends into its cookies, as everybody does who reads them."""
    return [part.strip() for part in header.split(b";")]


def pairs(header: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the names and values of what `cookie_header` has found."""
    for part in _parts(header):
        name, separator, value = part.partition(b"=")
        if separator:
            yield name.strip(), value.strip()
