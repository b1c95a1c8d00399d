"""MLflow's tracking database as the hot API uses it: with MLflow's own engine, and its pool."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.database.served.connections import Connections
from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.traces import tables as traces_seam
from flowship.tracking.reading.readers import Readers
from flowship.tracking.writing.spans import committing as spans
from flowship.tracking.writing.spans.ending import TraceWriter
from flowship.tracking.writing.transactions import takes_transactions
from flowship.tracking.writing.writer import Writer
from flowship.tracking.writing.writers import Writers

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Dialect

    from flowship.tracking.reading.rows import Json
    from flowship.tracking.requests.asked import Asked
    from flowship.tracking.requests.run_changes import Change
    from flowship.tracking.requests.sender import Sender
    from flowship.tracking.writing.writes import Writes


KINDS = frozenset({"postgresql", "mysql", "sqlite"})
"""Kinds of databases that are read and written here."""


@dataclass(frozen=True)
class Opened:
    """What uses the database, once it is known which it is."""

    connections: Connections
    readers: Readers
    writers: Writers | None
    """None for a database to which MLflow itself writes."""
    span_writer: Writer[spans.SpanWrites] | None = None


def opened() -> Opened | None:
    """MLflow's store; None where it is not one of which everything is known here."""
    store = seam.ordinary_store()
    if store is None or seam.tells_retention(store):
        return None
    engine = seam.engine_of(store)
    if engine.dialect.name not in KINDS:
        return None
    tables, connections = seam.tables(), Connections(engine)
    trace_tables = _trace_tables(connections.dialect)
    traces = TraceWriter(trace_tables, connections.dialect) if trace_tables else None
    writers = Writers(connections, tables, traces) if takes_transactions(engine) else None
    span_writer = Writer(spans.SpanCommitting(connections, trace_tables).commit) if trace_tables else None
    return Opened(connections, Readers(tables, connections.dialect), writers, span_writer)


def _trace_tables(dialect: Dialect) -> traces_seam.TraceTables | None:
    """Give the tables of traces, if they are written here."""
    tables = traces_seam.trace_tables()
    return tables if dialect.name in spans.KINDS and traces_seam.are_known(tables) else None


class TrackingDatabase:
    """Opens MLflow's store when it is first needed, which takes a thread."""

    def __init__(self, opening: Callable[[], Opened | None] = opened) -> None:
        self._opening = opening
        self._lock = threading.Lock()
        self._opened: Opened | None = None
        self.is_open = False
        """Whether it is known how the database is used; nothing here blocks from then on, but to read."""

    def writer(self) -> Writer[Writes] | None:
        """Give what adds to runs; None where MLflow must do it."""
        opened = self._open()
        return opened.writers.values if opened and opened.writers else None

    def span_writer(self) -> Writer[spans.SpanWrites] | None:
        """Give what writes spans; None where MLflow must do it."""
        opened = self._open()
        return opened.span_writer if opened else None

    def read(self, asked: Asked, sender: Sender) -> Json | None:
        """Give what is asked; None where MLflow must answer."""
        opened = self._open()
        read = asked.read_for(sender) if opened else None
        if opened is None or read is None:
            return None
        with opened.connections.reading() as connection:
            found = read(connection, opened.readers)
        return found if found is not None and asked.may_have(sender, found) else None

    def change(self, change: Change, sender: Sender) -> Json | None:
        """Make a change, and give what is answered; None where MLflow must do it."""
        opened = self._open()
        if opened is None or (writers := opened.writers) is None or not change.may(sender):
            return None
        return writers.transactions.run(lambda connection: change.make(connection, writers))

    def _open(self) -> Opened | None:
        with self._lock:
            if not self.is_open:
                self._opened = self._opening()
                self.is_open = True
        return self._opened
