"""The tokens of who is signed in for programs, as JSON: what the page `/tokens` does for people.

A page of another site can send no JSON, and no DELETE, without the browser asking first whether it may.
"""

from __future__ import annotations

import asyncio
import json
import logging
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flowship.auth.authenticator import CURRENT, Forbidden
from flowship.auth.gate.response import answer
from flowship.auth.requests import client, header
from flowship.auth.responding import respond_json
from flowship.auth.tokens.desk import BY_A_TOKEN
from flowship.auth.tokens.tokens import TokenError

if TYPE_CHECKING:
    from flowship.auth.authenticator import Identity, Scope
    from flowship.auth.gate.gate import App, Receive, Send
    from flowship.auth.tokens.desk import Desk

PATH = "/api/2.0/flowship/tokens"
"""The route, after the static prefix: GET lists, POST makes, and DELETE revokes."""
LARGEST = 16_384
"""Bytes of a body."""
NOT_JSON = "This is no JSON object of at most 16 kB. Send one, with Content-Type: application/json."
FOR_OTHERS = "Only an admin makes tokens for others. Name yourself."
DOWN = "The database does not answer. Try again in a few seconds."
DAYS = "days is no whole number. Write how many days the token lasts, or null for ever."

_logger = logging.getLogger(__name__)


class TokenApi:
    """An ASGI app, behind the gate, that answers the route, and hands everything else on to another one."""

    def __init__(self, app: App, desk: Desk, *, static_prefix: str) -> None:
        self._app, self._desk = app, desk
        self._path = f"{static_prefix}{PATH}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        identity = CURRENT.get()
        if scope["type"] != "http" or scope["path"] != self._path or identity is None:
            await self._app(scope, receive, send)
            return
        if identity.by_token:
            await answer(Forbidden(BY_A_TOKEN), send)
            return
        from sqlalchemy.exc import SQLAlchemyError

        status, said = HTTPStatus.OK, {}
        try:
            asked = {} if scope["method"] in ("GET", "HEAD") else await _object(scope, receive)
            said = await asyncio.to_thread(partial(self._done, scope["method"], identity, asked, client(scope)))
        except TokenError as error:
            status, said = HTTPStatus.BAD_REQUEST, {"error_code": "INVALID_PARAMETER_VALUE", "message": str(error)}
        except SQLAlchemyError as error:
            _logger.warning("no token can be kept, because the users' database failed: %s", type(error).__name__)
            status, said = HTTPStatus.SERVICE_UNAVAILABLE, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": DOWN}
        await respond_json(send, status, said)

    def _done(self, method: str, identity: Identity, asked: dict[str, Any], address: str) -> dict[str, Any]:
        if method in ("GET", "HEAD"):
            return {"tokens": [vars(token) for token in self._desk.list(identity)]}
        if method == "DELETE":
            return {"revoked": vars(self._desk.revoke(identity, str(asked.get("id", "")), address=address))}
        if method != "POST":
            raise TokenError("Tokens are listed by GET, made by POST and revoked by DELETE.")
        days = asked.get("days")
        if days is not None and (isinstance(days, bool) or not isinstance(days, int)):
            raise TokenError(DAYS)
        user = str(asked.get("user") or identity.username)
        if user != identity.username and not self._desk.is_admin(identity):
            raise TokenError(FOR_OTHERS)
        new, token = self._desk.make(
            identity,
            str(asked.get("name", "")),
            user=user,
            days=days,
            read_only=asked.get("read_only") is not False,
            address=address,
        )
        return {"token": new, "made": vars(token)}


async def _object(scope: Scope, receive: Receive) -> dict[str, Any]:
    """Read the body. Raises TokenError."""
    if header(scope, b"content-type").partition(";")[0].strip().lower() != "application/json":
        raise TokenError(NOT_JSON)
    body, more = b"", True
    while more and len(body) <= LARGEST:
        message = await receive()
        body += message.get("body", b"")
        more = bool(message.get("more_body"))
    try:
        found = json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise TokenError(NOT_JSON)
    return found
