"""The layer right in front of MLflow's Flask app: a request of a hot route is answered here, or goes on untouched."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

import orjson

from flowship.auth.authenticator import CURRENT
from flowship.mlflow_seams.tracking import routes as seam
from flowship.tracking.body import Body
from flowship.tracking.requests.routes import CHANGES, LASTING, READS, REPEATED, WRITES
from flowship.tracking.requests.sender import Sender
from flowship.tracking.threads import Threads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

    from flowship.tracking.database import TrackingDatabase
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.requests.asked import Query

Question = TypeVar("Question")

_logger = logging.getLogger(__name__)

FIELDS = 128
"""Fields of a query that are read here; histories are asked for up to 100 runs."""

READERS = 8
"""Requests of a worker that read the database at once; the others wait in order, without a connection."""

SEARCHERS = 4
"""Those beside them that may take the database long; the others of them wait for these only."""

CHANGERS = 4
"""Those beside them that make and change runs; they may wait for each other in the database."""


def hot_routes() -> dict[tuple[str, str], str]:
    """Give the messages of MLflow that are answered here, by method and path, its static prefix included."""
    return {(method, path): message for method, path, message in seam.routes({*WRITES, *CHANGES, *READS})}


class HotApi:
    """An ASGI app that answers hot routes itself, and leaves everything else to another, MLflow's Flask app.

    `routes` are messages by method and path; `gated` says that the sender of each request is known. `answering` is
    called with the route of a request that is answered here.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Mapping[tuple[str, str], str],
        store: TrackingDatabase,
        *,
        gated: bool,
        answering: Callable[[str], None],
    ) -> None:
        self._app = app
        self._routes = routes
        self._store = store
        self._gated = gated
        self._answering = answering
        self._readers = Threads(READERS, "flowship-reader")
        self._searchers = Threads(SEARCHERS, "flowship-searcher")
        self._changers = Threads(CHANGERS, "flowship-changer")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        sender = CURRENT.get()
        if message is None or (self._gated and sender is None) or not _is_plain(scope):
            await self._app(scope, receive, send)
            return
        body = Body(receive)
        try:
            answer = await self._answer(message, scope, body, Sender(sender))
        except Exception:  # whatever it is, MLflow meets it too, and tells it to a user
            _logger.debug("a request is left to MLflow", exc_info=True)
            answer = None
        if answer is None:
            await self._app(scope, body.again, send)
            return
        self._answering(scope["path"])
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, message: str, scope: Scope, body: Body, sender: Sender) -> bytes | None:
        if scope["method"] == "GET":
            said = _query(scope["query_string"], REPEATED.get(message))
        else:
            said = await _json(body)
        if said is None:
            return None
        if message in WRITES:
            return await self._write(message, said, sender)
        return await (self._read if message in READS else self._change)(message, said, sender)

    async def _read(self, message: str, said: dict[str, Any], sender: Sender) -> bytes | None:
        asked = READS[message](said)
        if asked is None:
            return None
        threads = self._searchers if message in LASTING else self._readers
        option = 0 if asked.is_compact else orjson.OPT_INDENT_2
        return await threads.run(partial(_told, self._store.read, asked, sender, option))

    async def _change(self, message: str, said: dict[str, Any], sender: Sender) -> bytes | None:
        change = CHANGES[message](said)
        if change is None:
            return None
        return await self._changers.run(partial(_told, self._store.change, change, sender))

    async def _write(self, message: str, said: dict[str, Any], sender: Sender) -> bytes | None:
        writes = WRITES[message](said)
        if writes is None:
            return None
        if self._store.is_open:
            writer = self._store.writer()
        else:
            writer = await self._readers.run(self._store.writer)
        if writer is None or not await self._may_write(sender, writes.run_id):
            return None
        return b"{}" if await writer.write(writes) else None

    async def _may_write(self, sender: Sender, run_id: str) -> bool:
        """Tell whether the run may be changed. Not decided in the writer's thread: one that asks the database for runs
        that nobody has would have all others wait."""
        if sender.is_known_to_use_run(run_id, "update"):
            return True
        return await self._readers.run(partial(sender.may_use_run, run_id, "update"))


def _told(
    find: Callable[[Question, Sender], Json | None],
    question: Question,
    sender: Sender,
    option: int = orjson.OPT_INDENT_2,
) -> bytes | None:
    """Give what is found as JSON, made in the thread that finds it."""
    found = find(question, sender)
    return orjson.dumps(found, option=option) if found is not None else None


def _is_plain(scope: Scope) -> bool:
    """Tell whether a request says what it says in the usual place only: in JSON, or in the query."""
    headers = dict(scope["headers"])
    if b"content-encoding" in headers or seam.WORKSPACE_HEADER in headers:
        return False
    if scope["method"] == "GET":
        return headers.get(b"content-length", b"0") == b"0" and b"transfer-encoding" not in headers
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip()
    return kind == b"application/json" and not scope["query_string"]


async def _json(body: Body) -> dict[str, Any] | None:
    """Give the object that the body is in JSON."""
    said = await body.read()
    found = orjson.loads(said) if said else None
    return found if isinstance(found, dict) else None


def _query(query_string: bytes, repeated: str | None) -> Query | None:
    """Give the query, if it names each thing once, but for what may be `repeated`, in UTF-8."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except ValueError:
        return None
    several = [value for name, value in pairs if name == repeated]
    query: Query = {name: value for name, value in pairs if name != repeated}
    if len(query) + len(several) < len(pairs) or any("\0" in value for _, value in pairs):
        return None
    return {**query, repeated: several} if repeated and several else query
