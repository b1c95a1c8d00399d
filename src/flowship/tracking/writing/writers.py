"""All that writes to one database, for whoever answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from flowship.tracking.writing.committing import Committing
from flowship.tracking.writing.points_at_once import PointsAtOnce
from flowship.tracking.writing.runs import RunWriter
from flowship.tracking.writing.statements import Statements
from flowship.tracking.writing.transactions import Transactions
from flowship.tracking.writing.writer import Writer

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.database.served.connections import Connections
    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json


class EndsTraces(Protocol):
    """Writes what clients say of whole traces; `spans/ending.py` does, for which this room is there already."""

    def end(self, connection: Connection, trace: Any) -> Json | None:
        """Write it, and give the trace as MLflow answers it."""


class Writers:
    """What writes each kind of thing to one database, with statements that are made once."""

    def __init__(self, connections: Connections, tables: Tables, traces: EndsTraces | None = None) -> None:
        """Without `traces`, MLflow itself writes what clients say of whole traces."""
        statements = Statements(tables, connections.dialect.name)
        self.transactions = Transactions(connections)
        points = PointsAtOnce(tables, connections.dialect) if connections.dialect.name == "postgresql" else None
        self.committing = Committing(self.transactions, statements, points)
        self.values = Writer(self.committing.commit)
        self.runs = RunWriter(tables, statements)
        self.traces = traces
