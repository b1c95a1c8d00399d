"""Rows in every table of MLflow's that are hard to move: each number, text and date that a database may spell its own
way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from flowship.database.engine import open_engine
from flowship.moving.parts import tables_of
from flowship.moving.rows.reflecting import reflect
from flowship.moving.rows.tables import Kind, plan

if TYPE_CHECKING:
    from flowship.database.database import Database
    from flowship.moving.rows.tables import Column, Moved

TEXTS = ["two\nlines\tand \\N \\.", "ü 漢字 🙂 'quotes' \"double\" `back`; %s %(a)s", ""]
JSONS = ['{"b": 1, "a": [1.5, null, "ü\\n"]}', "null", '"text"']
FLOATS = [0.1, -1.7976931348623157e308, 1234567890123456.5, 1e15, 5e-324, 3.0, -0.0, 1e22, 123456.789e-12]
ALLOWED = {
    ("runs", "source_type"): "LOCAL",
    ("runs", "status"): "FINISHED",
    ("runs", "lifecycle_stage"): "active",
    ("experiments", "lifecycle_stage"): "active",
    ("logged_models", "lifecycle_stage"): "active",
    ("spans", "start_time_unix_nano"): 10,
    ("spans", "end_time_unix_nano"): 30,
}
"""Values of columns that take only some."""
Names = set[tuple[str, str]]
"""Names of tables and columns."""

NUMBERS = 9
"""Rows of each table."""


def fill(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Fill all tables of a part; what refers to a row has its number. Gives what is there then."""
    found = reflect(database.engine())
    tables = plan({name: found[name] for name in tables_of(database.part, found)}, found)
    long = _long(database)
    needed = {(name, each.name) for name, table in found.items() for each in table.columns if not each.nullable}
    quote = database.engine().dialect.identifier_preparer.quote
    with open_engine(database.url).begin() as connection:
        for table in tables:
            names = ", ".join(map(quote, table.names))
            marks = ", ".join(f":c{number}" for number in range(len(table.columns)))
            connection.execute(text(f"DELETE FROM {table.name}"))  # noqa: S608 - MLflow's own names
            connection.execute(
                text(f"INSERT INTO {table.name} ({names}) VALUES ({marks})"),  # noqa: S608
                [
                    {
                        f"c{place}": _value(table, column, number, long, needed)
                        for place, column in enumerate(table.columns)
                    }
                    for number in range(NUMBERS)
                ],
            )
    return rows(database)


def rows(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Read all rows of a SQLite file's part, sorted."""
    found = reflect(database.engine())
    with database.engine().connect() as connection:
        return {
            name: sorted(map(tuple, connection.exec_driver_sql(f"SELECT * FROM {name}")), key=repr)  # noqa: S608
            for name in sorted(tables_of(database.part, found))
        }


def _long(database: Database) -> set[tuple[str, str]]:
    """Find the columns that hold the longest of the texts."""
    inspector = inspect(database.engine())
    found = (
        (name, each["name"], getattr(each["type"], "length", None))
        for name in inspector.get_table_names()
        for each in inspector.get_columns(name)
    )
    return {(table, column) for table, column, length in found if length is None or length > 100}


def _value(table: Moved, column: Column, number: int, long: Names, needed: Names) -> Any:
    if (table.name, column.name) in ALLOWED:
        return ALLOWED[table.name, column.name]
    in_a_key = any(column.name in key for key in (table.key, *table.uniques)) or column.name.endswith(("_id", "uuid"))
    if column.kind is Kind.INTEGER:
        return number
    if column.kind is Kind.BOOLEAN:
        return number % 2
    if (table.name, column.name) not in needed and not in_a_key and number == 2:
        return None
    return {
        Kind.FLOAT: float(number) if column.name in {"weight", "budget_amount"} else FLOATS[number],
        Kind.JSON: JSONS[number % 3],
        Kind.BYTES: bytes(range(number * 20)),
        Kind.DATE: f"2026-02-{number + 10}",
    }.get(column.kind, _text(table, column, number, long, in_a_key=in_a_key))


def _text(table: Moved, column: Column, number: int, long: Names, *, in_a_key: bool) -> str:
    plain = in_a_key or "name" in column.name or column.name in {"workspace", "destination_type", "source_type"}
    return f"{number}" if plain or (table.name, column.name) not in long else TEXTS[number % 3]
