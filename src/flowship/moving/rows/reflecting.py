"""Reads from a database what its tables are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.moving.rows.tables import Column, Kind, Table

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Inspector
    from sqlalchemy.types import TypeEngine

LONG_TEXTS = {"TINYTEXT": 2**8, "TEXT": 2**16, "BLOB": 2**16, "MEDIUMTEXT": 2**24, "LONGTEXT": 2**32}
"""Types of MySQL whose limit is in bytes; one less than each of these."""
NUMBERS = {"SMALLINT": 16, "INTEGER": 32, "BIGINT": 64}


def reflect(engine: Engine) -> dict[str, Table]:
    """Read all tables of a database, by name. Raises what SQLAlchemy raises."""
    from sqlalchemy import inspect

    with engine.connect() as connection:
        inspector = inspect(connection)
        collations = _insensitive(connection) if engine.dialect.name == "mysql" else {}
        return {name: _table(inspector, name, collations) for name in inspector.get_table_names()}


def _table(inspector: Inspector, name: str, collations: dict[tuple[str, str], str]) -> Table:
    found = [each for each in inspector.get_columns(name) if not each.get("computed")]
    kind = inspector.dialect.name
    key = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
    uniques = [tuple(each["column_names"]) for each in inspector.get_unique_constraints(name)]
    uniques += [tuple(filter(None, each["column_names"])) for each in inspector.get_indexes(name) if each["unique"]]
    return Table(
        name,
        tuple(_column(each, kind, collations.get((name, each["name"]), "")) for each in found),
        key,
        tuple(dict.fromkeys(uniques)),
        frozenset(each["referred_table"] for each in inspector.get_foreign_keys(name)),
        next((each["name"] for each in found if kind != "sqlite" and _is_counted(each)), ""),
    )


def _is_counted(column: Any) -> bool:
    return column.get("autoincrement") is True or bool(column.get("identity"))


def _column(column: Any, dialect: str, collation: str) -> Column:
    found = column["type"]
    written = str(found).partition("(")[0].partition(" ")[0].upper()
    # SQLite gives every whole number 64 bits, and keeps texts of any length; the values are checked for the others.
    limits = dialect != "sqlite"
    return Column(
        column["name"],
        _kind(found),
        bool(column["nullable"]),
        getattr(found, "length", None) if limits and written in {"VARCHAR", "CHAR"} else None,
        LONG_TEXTS[written] - 1 if dialect == "mysql" and written in LONG_TEXTS else None,
        _bits(written, dialect) if limits else None,
        collation,
    )


def _bits(written: str, dialect: str) -> int | None:
    if written == "FLOAT":
        return 32 if dialect == "mysql" else 64
    return NUMBERS.get(written)


def _kind(found: TypeEngine[Any]) -> Kind:
    from sqlalchemy import types

    classes: tuple[tuple[Any, Kind], ...] = (
        (types.JSON, Kind.JSON),
        (types.Boolean, Kind.BOOLEAN),
        (types.Date, Kind.DATE),
        ((types.LargeBinary, types._Binary), Kind.BYTES),
        (types.Integer, Kind.INTEGER),
        ((types.Float, types.Numeric), Kind.FLOAT),
    )
    return next((kind for each, kind in classes if isinstance(found, each)), Kind.TEXT)


def _insensitive(connection: Connection) -> dict[tuple[str, str], str]:
    """Find the columns that MySQL does not compare letter by letter."""
    from sqlalchemy import text

    statement = text(
        "SELECT TABLE_NAME, COLUMN_NAME, COLLATION_NAME FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL"
    )
    return {(str(table), str(name)): str(collation) for table, name, collation in connection.execute(statement)}
