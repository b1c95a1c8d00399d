from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.database.served.connections import Connections
from flowship.tracking.database import Opened, TrackingDatabase
from flowship.tracking.reading.readers import Readers
from flowship.tracking.requests.asked import Asked
from flowship.tracking.requests.run_changes import Change
from flowship.tracking.requests.sender import Sender
from flowship.tracking.writing.writers import Writers

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from flowship.mlflow_seams.tracking.store import Tables

ANYBODY = Sender(None)


def store(engine: Engine, tables: Tables) -> TrackingDatabase:
    connections = Connections(engine)
    return TrackingDatabase(
        lambda: Opened(connections, Readers(tables, connections.dialect), Writers(connections, tables))
    )


def test_no_connection_is_held_while_it_is_decided_who_may(engine: Engine, tables: Tables) -> None:
    held: dict[str, int] = {}

    def note(when: str) -> bool:
        held[when] = engine.pool.checkedout()  # type: ignore[attr-defined]
        return True

    def reading(sender: Sender) -> Any:
        note("before")
        return lambda connection, readers: {"read": note("reading")}

    asked = Asked(reading, lambda sender, found: note("after"))

    assert store(engine, tables).read(asked, ANYBODY) == {"read": True}
    assert held == {"before": 0, "reading": 1, "after": 0}


def test_what_may_not_be_asked_is_not_read(engine: Engine, tables: Tables) -> None:
    assert store(engine, tables).read(Asked(lambda sender: None), ANYBODY) is None


def test_what_may_not_be_had_is_not_told(engine: Engine, tables: Tables) -> None:
    asked = Asked(lambda sender: lambda connection, readers: {"secret": 1}, lambda sender, found: False)

    assert store(engine, tables).read(asked, ANYBODY) is None


def test_a_change_is_made_for_those_who_may(engine: Engine, tables: Tables) -> None:
    made: list[bool] = []

    def make(connection: Connection, writers: Writers) -> dict[str, bool]:
        made.append(connection.in_transaction())
        return {"made": True}

    runs = store(engine, tables)

    assert runs.change(Change(lambda sender: False, make), ANYBODY) is None
    assert runs.change(Change(lambda sender: True, make), ANYBODY) == {"made": True}
    assert made == [True]


def test_a_store_that_is_unknown_is_asked_nothing() -> None:
    unknown = TrackingDatabase(lambda: None)

    assert unknown.read(Asked(lambda sender: lambda connection, readers: {}), ANYBODY) is None
    assert unknown.writer() is None
    assert unknown.change(Change(lambda sender: True, lambda connection, writers: {}), ANYBODY) is None
    assert unknown.is_open
