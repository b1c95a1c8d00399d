"""What the new database cannot hold, found by the old one in one reading of each table, before anything is written.

Each finding names a row by its key. What is asked is SQL of the old database, which says which rows break a limit of
the new one; only names that differ in their case or accents alone are compared here, as MySQL would compare them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.errors import MoveError
from flowship.moving.rows import sessions
from flowship.moving.rows.spellings import doubles
from flowship.moving.rows.statements import quoted
from flowship.moving.rows.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowship.database.database import Database
    from flowship.database.url import Kind as DatabaseKind
    from flowship.moving.rows.addresses import Addresses
    from flowship.moving.rows.sessions import Connection
    from flowship.moving.rows.tables import Column, Moved

SHOWN = 10
"""Findings that are written out."""
TEXTS = frozenset({Kind.TEXT, Kind.JSON, Kind.DATE})

TYPES_OF_SQLITE = {
    Kind.INTEGER: "'integer'",
    Kind.BOOLEAN: "'integer'",
    Kind.FLOAT: "'real', 'integer'",
    Kind.BYTES: "'blob'",
}
"""What SQLite calls values of a kind; all others are texts."""


@dataclass(frozen=True)
class Limit:
    """A condition, in the old database's SQL, for a value that the new one cannot hold, and what that is."""

    broken: str
    reason: str


def require_fit(old: Database, new: Database, tables: Sequence[Moved], addresses: Addresses) -> None:
    """Refuse to move what the new database cannot hold, once addresses have changed.

    Raises:
        MoveError: it says what, with table, row and column.
    """
    found: list[str] = []
    with sessions.reading(old) as connection:
        for table in tables:
            found += _beyond(connection, table, old.kind, new.kind, addresses)
            found += doubles(connection, table, old.kind, new)
        if old.is_file:
            found += _orphans(connection)
    if found:
        more = [f"... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        raise MoveError(
            f"{new.named} cannot hold all that {old.named} holds, and nothing was moved yet. Mend these rows on the old"
            f" side first: {'; '.join(found[:SHOWN] + more)}."
        )


def _beyond(
    connection: Connection,
    table: Moved,
    old: DatabaseKind,
    new: DatabaseKind,
    addresses: Addresses,
) -> Iterator[str]:
    """Find values beyond a limit: in one reading of the table whether there are any, and only then which."""
    wanted = [
        (column, limit)
        for column in table.columns
        for limit in limits(column, old, new, addresses.longer(table.name, column.name))
    ]
    if not wanted:
        return
    name = quoted(old)(table.name)
    if not sessions.fetched(connection, f"SELECT 1 FROM {name} WHERE {_any(limit for _, limit in wanted)} LIMIT 1"):  # noqa: S608
        return
    keys = table.key or table.names[:1]
    shown = ", ".join(map(quoted(old), keys))
    for column, limit in wanted:
        ((count,),) = sessions.fetched(connection, f"SELECT count(*) FROM {name} WHERE {limit.broken}")  # noqa: S608
        if count:
            (first,) = sessions.fetched(connection, f"SELECT {shown} FROM {name} WHERE {limit.broken} LIMIT 1")  # noqa: S608
            row = ", ".join(f"{key} {value!r}" for key, value in zip(keys, first, strict=True))
            yield f"{table.name}.{column.name} of the row with {row} {limit.reason} ({count} such rows)"


def _any(wanted: Iterable[Limit]) -> str:
    """Write the condition that some limit is broken."""
    return " OR ".join(f"({limit.broken})" for limit in wanted)


def limits(column: Column, old: DatabaseKind, new: DatabaseKind, longer: int = 0) -> Iterator[Limit]:
    """Give the limits that values of a column may break; those that the old database keeps itself are left out."""
    name = quoted(old)(column.name)
    if not column.nullable:
        yield Limit(f"{name} IS NULL", "has no value, and needs one")
    if old == "sqlite":
        yield from _of_types(column, name)
    if column.kind in TEXTS:
        yield from _of_texts(column, name, old, new, longer)
    if column.kind is Kind.BYTES and column.octets and old != "mysql":
        yield Limit(f"length({name}) > {column.octets}", f"is longer than {column.octets} bytes")
    if column.kind is Kind.INTEGER and column.bits == 32 and old == "sqlite":
        yield Limit(f"{name} NOT BETWEEN -2147483648 AND 2147483647", "is beyond 32 bits")
    if column.kind is Kind.FLOAT and new != "postgresql" and old != "mysql":
        yield from _of_numbers(column, name, old, new)


def _of_types(column: Column, name: str) -> Iterator[Limit]:
    """SQLite keeps anything in any column."""
    wanted = TYPES_OF_SQLITE.get(column.kind, "'text'")
    yield Limit(f"typeof({name}) NOT IN ({wanted}, 'null')", f"is no {column.kind}")
    if column.kind is Kind.BOOLEAN:
        yield Limit(f"{name} NOT IN (0, 1)", "is no boolean")
    if column.kind is Kind.JSON:
        yield Limit(f"{name} IS NOT NULL AND NOT json_valid({name})", "is no JSON")


def _of_texts(column: Column, name: str, old: DatabaseKind, new: DatabaseKind, longer: int) -> Iterator[Limit]:
    characters = "CHAR_LENGTH" if old == "mysql" else "length"
    if column.characters and (old == "sqlite" or longer > 0):
        beyond = f"{characters}({name}) > {column.characters - max(longer, 0)}"
        yield Limit(beyond, f"is longer than {column.characters} characters")
    if column.octets and old != "mysql":
        octets = f"length(CAST({name} AS BLOB))" if old == "sqlite" else f"octet_length(CAST({name} AS TEXT))"
        yield Limit(f"{octets} > {column.octets}", f"is longer than {column.octets} bytes")
    if new == "postgresql" and old != "postgresql":
        nul = f"instr({name}, char(0)) > 0" if old == "sqlite" else f"LOCATE(CHAR(0), {name}) > 0"
        yield Limit(nul, "has a zero byte, which PostgreSQL cannot hold")


def _of_numbers(column: Column, name: str, old: DatabaseKind, new: DatabaseKind) -> Iterator[Limit]:
    """SQLite makes NULL of what is no number, and MySQL holds neither that nor infinity."""
    if old == "postgresql":
        odd = "'NaN'" if new == "sqlite" else "'NaN', 'Infinity', '-Infinity'"
        yield Limit(f"{name} IN ({odd})", f"is {odd.replace(chr(39), '').replace(', ', ' or ')}")
    elif new == "mysql":
        yield Limit(f"abs({name}) > 1.7976931348623157e308", "is infinite")
    if new == "mysql" and column.bits == 32:
        rounded = f"CAST(printf('%.6g', {name}) AS REAL)" if old == "sqlite" else f"{name}::real::double precision"
        yield Limit(f"{rounded} <> {name}", "has more than six digits")


def _orphans(connection: Connection) -> Iterator[str]:
    """Find rows whose parent is missing, which SQLite minds only if it is asked to."""
    for table, row, parent, _ in sessions.fetched(connection, "PRAGMA foreign_key_check"):
        yield f"the row with rowid {row} of {table} refers to a row of {parent} that is not there"
