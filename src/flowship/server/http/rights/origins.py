"""Keeps pages of other sites from acting with the credentials that a browser remembers, on every path.

MLflow's own check leaves out what is not below `/api/` and `/ajax-api/`, such as its gateway, where a request spends
money. The rule is MLflow's: localhost and the allowed origins may, other origins may not, who sends none is no page.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Forbidden
from flowship.auth.gate.response import answer
from flowship.mlflow_seams.server.assistant import PATH as ASSISTANT
from flowship.mlflow_seams.server.origins import DEPLOYMENTS_PROXY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, but on the paths below."""

ACTING = (ASSISTANT, DEPLOYMENTS_PROXY)
"""Where a GET acts too, after the static prefix."""

LONGEST = 200
"""Characters of a foreign origin that are repeated to people."""

_logger = logging.getLogger(__name__)


def acts(method: str, path: str, static_prefix: str) -> bool:
    """Tell whether a request changes something or costs something."""
    return method not in READING or path.startswith(tuple(f"{static_prefix}{prefix}" for prefix in ACTING))


def foreign_page(headers: Sequence[tuple[bytes, bytes]], is_foreign: Callable[[str], bool]) -> str | None:
    """Tell which page may not send this, by its origin, or None if no page sends it or one that may."""
    found = {name: [value.decode("latin-1") for key, value in headers if key.lower() == name] for name in _TELLING}
    origins = [origin for origin in found[b"origin"] if origin]
    if not origins:
        # What a page embeds or leads to is asked for without an origin; browsers still say that it is another site's.
        return "another site" if "cross-site" in found[b"sec-fetch-site"] else None
    return next((origin for origin in origins if is_foreign(origin)), None)


_TELLING = (b"origin", b"sec-fetch-site")


class Origins:
    """An ASGI app that refuses what pages of foreign origins would do, before anybody's credentials are looked at."""

    def __init__(self, app: ASGIApp, is_foreign: Callable[[str], bool], static_prefix: str) -> None:
        self._app = app
        self._is_foreign = is_foreign
        self._static_prefix = static_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and acts(scope["method"], scope["path"], self._static_prefix):
            page = foreign_page(scope["headers"], self._is_foreign)
            if page is not None:
                _logger.warning("refused what a page of %.200r would do; corsAllowedOrigins would allow it", page)
                await answer(Forbidden(refusal(page)), send)
                return
        await self._app(scope, receive, send)


def refusal(page: str) -> str:
    """Tell a page, and who debugs it, why it may not send this."""
    return (
        f"Cross-origin request blocked: a page of {page[:LONGEST]} may not do this here. Whoever runs the server can "
        "allow its origin with corsAllowedOrigins."
    )
