"""Whether a person looks at the answer: a browser that goes to a page, and no program or script."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowship.auth.authenticator import Scope


def wants_page(scope: Scope) -> bool:
    """Tell whether a browser goes to a page by this request."""
    if scope["method"] not in ("GET", "HEAD"):
        return False
    said: dict[bytes, bytes] = {name.lower(): value for name, value in scope["headers"]}
    if mode := said.get(b"sec-fetch-mode"):
        return mode == b"navigate"
    return b"text/html" in said.get(b"accept", b"")
