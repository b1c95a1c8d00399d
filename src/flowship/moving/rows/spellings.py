"""Keys that MySQL and MariaDB take for one: `Loss` and `loss`, `café` and `cafe`, `a` and `a ` with most collations.

What may be the same is guessed here, with more than any collation takes for the same; the new database then says what
is, by its own collation.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from flowship.moving.rows.statements import PLACEHOLDERS, quoted
from flowship.moving.rows.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowship.database.database import Database
    from flowship.database.url import Kind as DatabaseKind
    from flowship.moving.rows.sessions import Connection
    from flowship.moving.rows.tables import Column, Moved

BASIC = 0xFFFF
"""The last letter that all collations tell apart; older ones take all behind it for one."""


def folded(text: str) -> str:
    """Give what spellings that a collation may take for the same have in common."""
    if text.isascii():
        return text.lower().rstrip()
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = (letter for letter in letters if unicodedata.category(letter)[0] not in "MC")
    return "".join("?" if ord(letter) > BASIC else letter for letter in kept).rstrip()


def doubles(connection: Connection, table: Moved, old: DatabaseKind, new: Database) -> Iterator[str]:
    """Find rows of the old side that the new one takes for the same by a key."""
    if new.kind != "mysql":
        return
    columns = {column.name: column for column in table.columns}
    for key in (table.key, *table.uniques):
        texts = [columns[name] for name in key if columns[name].kind is Kind.TEXT and columns[name].collation]
        for column in texts:
            if groups := _groups(connection, table, column.name, old):
                yield from _same(connection, table, key, column, groups, old, new)


def _groups(connection: Connection, table: Moved, column: str, old: DatabaseKind) -> dict[str, list[str]]:
    """Group the values of a column that may be taken for one. Most are as plain as they can be, and need no memory."""
    statement = f"SELECT DISTINCT {quoted(old)(column)} FROM {quoted(old)(table.name)}"  # noqa: S608 - quoted names
    groups: dict[str, set[str]] = {}
    for value in _values(connection, statement):
        if (plain := folded(value)) != value:
            groups.setdefault(plain, set()).add(value)
    if groups:
        for value in _values(connection, statement):
            if value in groups:
                groups[value].add(value)
    return {plain: sorted(values) for plain, values in groups.items() if len(values) > 1}


def _same(
    connection: Connection,
    table: Moved,
    key: tuple[str, ...],
    column: Column,
    groups: Mapping[str, list[str]],
    old: DatabaseKind,
    new: Database,
) -> Iterator[str]:
    """Find the keys that are the same but for the spelling in one column, and to the new side the same altogether."""
    names, place = ", ".join(map(quoted(old), key)), key.index(column.name)
    mark = PLACEHOLDERS[old]
    for values in groups.values():
        marks = ", ".join([mark] * len(values))
        where = f"{quoted(old)(column.name)} IN ({marks})"
        found: dict[tuple[Any, ...], Any] = {}
        for row in _rows(connection, f"SELECT {names} FROM {quoted(old)(table.name)} WHERE {where}", values):  # noqa: S608
            plain = tuple(folded(value) if isinstance(value, str) else value for value in row)
            other = found.setdefault(plain, row)
            if other != row and _takes_for_one(new, other[place], row[place], column.collation):
                yield (
                    f"{table.name}.{column.name}: {other[place]!r} and {row[place]!r} are one to {new.shown}, by its"
                    f" collation {column.collation} (key {', '.join(key)}: {other} and {row})"
                )


def _takes_for_one(new: Database, one: str, other: str, collation: str) -> bool:
    from sqlalchemy import text

    name = collation.replace("`", "")
    asked = "CONVERT(:{} USING utf8mb4) COLLATE {}"
    statement = text(f"SELECT {asked.format('one', name)} = {asked.format('other', name)}")
    with new.engine().connect() as connection:
        return bool(connection.execute(statement, {"one": one, "other": other}).scalar())


def _values(connection: Connection, statement: str) -> Iterator[str]:
    return (row[0] for row in _rows(connection, statement, []) if isinstance(row[0], str))


def _rows(connection: Connection, statement: str, given: list[Any]) -> Iterator[tuple[Any, ...]]:
    cursor = connection.cursor()
    try:
        cursor.execute(statement, given or ())
        yield from cursor
    finally:
        cursor.close()
