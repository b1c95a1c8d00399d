"""Whether a page of this server sends a request, which what a cookie authenticates must come from to change anything.

Browsers send cookies by themselves, whichever page asks. `Sec-Fetch-Site` tells over HTTPS and on localhost; elsewhere
`Origin` does, and where a browser leaves that out, `Referer`. What says nothing is no browser of today, and is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

    from flowship.auth.authenticator import Scope

_SITE, _ORIGIN, _REFERER, _HOST = b"sec-fetch-site", b"origin", b"referer", b"host"

TYPED = "none"
"""What `Sec-Fetch-Site` says when no page sends the request, but who typed its address."""


def from_own_page(scope: Scope, allowed: Collection[str] = ()) -> bool:
    """Tell whether a request comes from a page of this server, or from one of the `allowed` origins."""
    said = {name: _values(scope, name) for name in (_SITE, _ORIGIN, _REFERER, _HOST)}
    if len(said[_HOST]) != 1:
        return False
    host = said[_HOST][0].lower()
    if said[_SITE] and not set(said[_SITE]) <= {"same-origin", TYPED}:
        return bool(said[_ORIGIN]) and all(_is_listed(origin, allowed) for origin in said[_ORIGIN])
    if said[_SITE] and (TYPED not in said[_SITE] or scope["method"] == "GET"):
        return True
    pages = said[_ORIGIN] or said[_REFERER]
    return bool(pages) and all(_is_listed(page, allowed) or _host(page) == host for page in pages)


def _is_listed(origin: str, allowed: Collection[str]) -> bool:
    return origin.lower() in allowed


def _host(page: str) -> str | None:
    """Give host and port of an address, as a `Host` header has them."""
    try:
        parts = urlsplit(page)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") and parts.netloc else None


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for found, value in scope["headers"] if found.lower() == name and value]
