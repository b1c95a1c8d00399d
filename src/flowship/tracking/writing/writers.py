"""All that writes to one database, for whoever answers a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.tracking.writing.committing import Committing
from flowship.tracking.writing.points_at_once import PointsAtOnce
from flowship.tracking.writing.runs import RunWriter
from flowship.tracking.writing.statements import Statements
from flowship.tracking.writing.transactions import Transactions
from flowship.tracking.writing.writer import Writer

if TYPE_CHECKING:
    from flowship.database.served.connections import Connections
    from flowship.mlflow_seams.tracking.store import Tables


class Writers:
    """What writes each kind of thing to one database, with statements that are made once."""

    def __init__(self, connections: Connections, tables: Tables) -> None:
        statements = Statements(tables, connections.dialect.name)
        self.transactions = Transactions(connections)
        points = PointsAtOnce(tables, connections.dialect) if connections.dialect.name == "postgresql" else None
        self.committing = Committing(self.transactions, statements, points)
        self.values = Writer(self.committing.commit)
        self.runs = RunWriter(tables, statements)
