"""The tokens of who is signed in for programs, as JSON: what the page `/tokens` does for people.

A page of another site can send no JSON, and no DELETE, without the browser asking first whether it may.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flowship.auth.gate.for_people import ForPeople
from flowship.auth.requests import client, header
from flowship.auth.responding import respond_json
from flowship.auth.tokens.desk import BY_A_TOKEN
from flowship.auth.tokens.tokens import TokenError
from flowship.auth.users_database import DOWN, UsersDatabaseError, asking_users

if TYPE_CHECKING:
    from flowship.auth.authenticator import Identity, Scope
    from flowship.auth.gate.gate import Receive, Send
    from flowship.auth.tokens.desk import Desk

PATH = "/api/2.0/flowship/tokens"
"""The route, after the static prefix: GET lists, POST makes, and DELETE revokes."""
LARGEST = 16_384
"""Bytes of a body."""
NOT_JSON = "This is no JSON object of at most 16 kB. Send one, with Content-Type: application/json."
FOR_OTHERS = "Only an admin makes tokens for others. Name yourself."
DAYS = "days is no whole number. Write how many days the token lasts, or null for ever."


class TokenApi:
    """Answers the route, behind the gate."""

    def __init__(self, desk: Desk, *, static_prefix: str) -> None:
        self._desk = desk
        self._path = f"{static_prefix}{PATH}"

    @property
    def route(self) -> ForPeople:
        return ForPeople(self._path, BY_A_TOKEN, self._answer)

    async def _answer(self, identity: Identity, scope: Scope, receive: Receive, send: Send) -> None:
        status, said = HTTPStatus.OK, {}
        try:
            asked = {} if scope["method"] in ("GET", "HEAD") else await _object(scope, receive)
            said = await asyncio.to_thread(partial(self._done, scope["method"], identity, asked, client(scope)))
        except TokenError as error:
            status, said = HTTPStatus.BAD_REQUEST, {"error_code": "INVALID_PARAMETER_VALUE", "message": str(error)}
        except UsersDatabaseError:
            status, said = HTTPStatus.SERVICE_UNAVAILABLE, {"error_code": "TEMPORARILY_UNAVAILABLE", "message": DOWN}
        await respond_json(send, status, said)

    @asking_users("nothing can be done with tokens")
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
