from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from sqlalchemy import insert, select
from sqlalchemy.dialects import mysql
from sqlalchemy.exc import OperationalError

from flowship.database.served.connections import Connections
from flowship.tracking.writing.transactions import ATTEMPTS, Transactions, takes_transactions

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from flowship.mlflow_seams.tracking.store import Tables

DEADLOCK = OperationalError("INSERT", {}, ValueError(1213, "Deadlock found when trying to get lock"))
AWAY = OperationalError("INSERT", {}, ValueError(2013, "Lost connection to MySQL server during query"))


class Work:
    """Adds a tag, and fails so often."""

    def __init__(self, tables: Tables, failures: int, error: OperationalError) -> None:
        self.begun = 0
        self._tags, self._failures, self._error = tables.tags, failures, error

    def __call__(self, connection: Connection) -> str:
        self.begun += 1
        connection.execute(insert(self._tags), {"run_uuid": "r1", "key": "t", "value": str(self.begun)})
        if self.begun <= self._failures:
            raise self._error
        return "done"


def tags(engine: Engine, tables: Tables) -> list[str | None]:
    with engine.connect() as connection:
        return list(connection.execute(select(tables.tags.c.value)).scalars())


def test_a_transaction_that_is_ended_for_another_is_begun_again(engine: Engine, tables: Tables) -> None:
    assert Transactions(Connections(engine)).run(Work(tables, ATTEMPTS - 1, DEADLOCK)) == "done"

    assert tags(engine, tables) == [str(ATTEMPTS)]


@pytest.mark.parametrize(("error", "begun"), [(DEADLOCK, ATTEMPTS), (AWAY, 1)])
def test_what_fails_for_good_leaves_nothing(
    engine: Engine, tables: Tables, error: OperationalError, begun: int
) -> None:
    work = Work(tables, ATTEMPTS, error)

    with pytest.raises(OperationalError):
        Transactions(Connections(engine)).run(work)

    assert work.begun == begun
    assert tags(engine, tables) == []


@pytest.mark.parametrize(
    ("settings", "takes"), [((0, "STATEMENT"), True), ((1, "STATEMENT"), False), ((1, "MIXED"), True)]
)
def test_mysql_with_a_log_of_statements_is_left_to_mlflow(settings: tuple[int, str], *, takes: bool) -> None:
    connection = MagicMock()
    connection.__enter__().exec_driver_sql().one.return_value = settings
    engine: Any = SimpleNamespace(dialect=mysql.dialect(), connect=lambda: connection)

    assert takes_transactions(engine) is takes
