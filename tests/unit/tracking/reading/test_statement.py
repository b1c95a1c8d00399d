from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, create_engine, select

from flowship.tracking.reading.readers import Readers
from flowship.tracking.reading.statement import Statement, among

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.mlflow_seams.tracking.store import Tables

POSTGRES = ("postgresql+psycopg2", "postgresql+psycopg")


class Cursor:
    """Notes what a driver is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.closed = False

    def execute(self, text: str, parameters: dict[str, Any]) -> None:
        self.asked.append((" ".join(text.split()), parameters))

    def fetchall(self) -> list[tuple[Any, ...]]:
        return [("r1",)]

    def close(self) -> None:
        self.closed = True


class Asked:
    """Stands for a connection of SQLAlchemy, which has one of the driver's in it."""

    def __init__(self, cursor: Cursor) -> None:
        self.connection = self
        self.cursor = lambda: cursor


def test_other_databases_are_asked_by_sqlalchemy(engine: Engine, tables: Tables) -> None:
    runs = tables.runs
    statement = Statement(
        select(runs.c.run_uuid).where(among(runs.c.run_uuid, "ids", engine.dialect)).order_by(runs.c.run_uuid),
        engine.dialect,
    )

    with engine.connect() as connection:
        assert [tuple(row) for row in statement.rows(connection, {"ids": ["r2", "r1", "no"]})] == [("r1",), ("r2",)]


@pytest.mark.parametrize("driver", POSTGRES)
def test_postgresql_gets_one_text_for_any_number_of_values_and_cuts_none(tables: Tables, driver: str) -> None:
    dialect, cursor = create_engine(f"{driver}://").dialect, Cursor()
    runs = tables.runs
    question = select(runs.c.run_uuid).where(among(runs.c.run_uuid, "ids", dialect)).limit(bindparam("most"))
    statement = Statement(question, dialect)

    for ids in (["a"], ["a", "b"]):
        connection: Any = Asked(cursor)
        assert statement.rows(connection, {"ids": ids, "most": 3}) == [("r1",)]

    texts, parameters = zip(*cursor.asked, strict=True)
    assert len(set(texts)) == 1
    assert "ANY (%(ids)s::TEXT[])" in texts[0]
    assert parameters == ({"ids": ["a"], "most": 3}, {"ids": ["a", "b"], "most": 3})
    assert cursor.closed


@pytest.mark.parametrize("driver", POSTGRES)
def test_every_question_has_one_text_on_postgresql(tables: Tables, driver: str) -> None:
    readers = Readers(tables, create_engine(f"{driver}://").dialect)

    for reader in (readers.runs, readers.experiments, readers.histories, readers.runs._several):
        for statement in filter(lambda each: isinstance(each, Statement), vars(reader).values()):
            assert "POSTCOMPILE" not in statement._text
