from __future__ import annotations

import sqlite3

import pytest

from flowship.moving.rows.fitting import limits
from flowship.moving.rows.tables import Column, Kind


@pytest.mark.parametrize(
    ("column", "new", "value", "reason"),
    [
        (Column("c", Kind.TEXT, nullable=False), "postgresql", None, "has no value, and needs one"),
        (Column("c", Kind.TEXT, characters=3), "postgresql", "üüüü", "is longer than 3 characters"),
        (Column("c", Kind.TEXT, octets=3), "mysql", "üü", "is longer than 3 bytes"),
        (Column("c", Kind.TEXT), "postgresql", "a\0b", "has a zero byte, which PostgreSQL cannot hold"),
        (Column("c", Kind.TEXT), "mysql", b"a", "is no text"),
        (Column("c", Kind.INTEGER), "mysql", "a", "is no integer"),
        (Column("c", Kind.INTEGER, bits=32), "postgresql", 2**31, "is beyond 32 bits"),
        (Column("c", Kind.BOOLEAN), "postgresql", 2, "is no boolean"),
        (Column("c", Kind.JSON), "mysql", "{", "is no JSON"),
        (Column("c", Kind.FLOAT), "mysql", float("inf"), "is infinite"),
        (Column("c", Kind.FLOAT, bits=32), "mysql", 0.1234567, "has more than six digits"),
        (Column("c", Kind.BYTES, octets=2), "mysql", b"abc", "is longer than 2 bytes"),
    ],
)
def test_what_breaks_a_limit_is_found(column: Column, new: str, value: object, reason: str) -> None:
    assert reason in broken(column, new, value)


@pytest.mark.parametrize(
    ("column", "new", "value"),
    [
        (Column("c", Kind.TEXT, characters=3, octets=9), "mysql", "üüü"),
        (Column("c", Kind.TEXT, characters=3), "sqlite", None),
        (Column("c", Kind.INTEGER, bits=64), "postgresql", 2**40),
        (Column("c", Kind.INTEGER, bits=32), "postgresql", -(2**31)),
        (Column("c", Kind.BOOLEAN), "postgresql", 1),
        (Column("c", Kind.JSON), "mysql", '{"a": 1}'),
        (Column("c", Kind.FLOAT, bits=32), "mysql", 0.5),
        (Column("c", Kind.FLOAT, bits=32), "mysql", 123456.0),
        (Column("c", Kind.FLOAT), "mysql", 1.7976931348623157e308),
        (Column("c", Kind.FLOAT), "postgresql", float("inf")),
    ],
)
def test_what_fits_is_not_found(column: Column, new: str, value: object) -> None:
    assert broken(column, new, value) == []


def broken(column: Column, new: str, value: object) -> list[str]:
    """The reasons for which a value in SQLite is refused."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (c)")
    connection.execute("INSERT INTO t VALUES (?)", (value,))
    found = [
        limit.reason
        for limit in limits(column, "sqlite", new)  # type: ignore[arg-type]
        if connection.execute(f"SELECT 1 FROM t WHERE {limit.broken}").fetchone()  # noqa: S608
    ]
    connection.close()
    return found
