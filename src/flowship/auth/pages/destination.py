"""Where a browser goes after it has signed in: a path of this server's own, whatever `next` says."""

from __future__ import annotations

import re
from urllib.parse import quote

_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")
"""What browsers take for a slash, or leave out."""

LONGEST = 2048
"""Characters of a path that is kept; a longer one leads to the start."""

NOT_BACK = ("/login", "/logout")
"""Pages, after the static prefix, that nobody wants to come back to."""


def destination(wanted: str, static_prefix: str) -> str:
    """Give the path to go to: the one that is wanted, or the start page where that may be of another server."""
    start = f"{static_prefix}/"
    if len(wanted) > LONGEST or _UNSAFE.search(wanted) or not wanted.isascii():
        return start
    path = wanted.partition("?")[0].partition("#")[0]
    if not wanted.startswith(start) or wanted.startswith("//") or "/../" in f"{path}/":
        return start
    return start if path.removeprefix(static_prefix) in NOT_BACK else wanted


def login_address(static_prefix: str, path: bytes, query: bytes) -> str:
    """Give the address of the login page that leads back to a path, which is as it was sent."""
    wanted = (path + b"?" + query if query else path).decode("latin-1")
    back = destination(wanted, static_prefix)
    where = f"{static_prefix}/login"
    return where if back == f"{static_prefix}/" else f"{where}?next={quote(back, safe='/')}"
