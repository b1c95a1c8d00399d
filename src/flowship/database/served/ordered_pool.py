"""A pool of connections that cannot starve itself: it lets requests wait in order, by `turns`."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from flowship.database.served import busy, rewording, turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.pool import ConnectionPoolEntry

    from flowship.database.served.turns import Turns

SIZE, OVERFLOW = 5, 10
"""SQLAlchemy's defaults, so MLflow's: connections that are kept, and those beyond which are closed after use."""

_AS_THEY_ARE: ContextVar[bool] = ContextVar("flowship_connections_as_they_are", default=False)


@contextmanager
def as_they_are() -> Iterator[None]:
    """Take connections in here without asking the database first whether they still work, which is a round trip: for
    whoever has another way left when one does not."""
    token = _AS_THEY_ARE.set(True)
    try:
        yield
    finally:
        _AS_THEY_ARE.reset(token)


class OrderedPool(QueuePool):
    """SQLAlchemy's pool of connections, in which who may have a connection at all is decided before it is looked for.

    `_do_get` and `_do_return_conn` are what a pool of one's own has to define.
    """

    def __init__(self, creator: Any, turns: Turns | None = None, **options: Any) -> None:
        # Without a limit of its own: whom `turns` has let in must not wait again.
        super().__init__(creator, **{**options, "max_overflow": -1})
        self.turns = turns or shared_turns(SIZE + OVERFLOW)
        self._owners: dict[int, int] = {}
        """Who has each connection: another thread may give it back."""

    def _do_get(self) -> ConnectionPoolEntry:
        try:
            owner = self.turns.take()
        except turns.NoTurnError as error:
            busy.note()
            raise rewording.reworded(OperationalError(None, None, error), rewording.FULL) from error
        try:
            entry: Any = super()._do_get()
        except BaseException:
            self.turns.put_back(owner)
            raise
        self._owners[id(entry)] = owner
        if _AS_THEY_ARE.get():
            entry.fresh = True  # as one that was opened just now, which SQLAlchemy does not try
        found: ConnectionPoolEntry = entry
        return found

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        owner = self._owners.pop(id(record))
        try:
            super()._do_return_conn(record)
        finally:
            self.turns.put_back(owner)

    def recreate(self) -> QueuePool:
        pool = super().recreate()
        assert isinstance(pool, OrderedPool)
        pool.turns = self.turns
        return pool


shared_turns = turns.of_this_process
