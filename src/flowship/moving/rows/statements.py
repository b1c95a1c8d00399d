"""The words of SQL in which the three kinds of database differ, for reading and writing whole tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.moving.rows.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowship.database.url import Kind as DatabaseKind
    from flowship.moving.rows.tables import Column, Moved

PLACEHOLDERS: dict[DatabaseKind, str] = {"sqlite": "?", "postgresql": "%s", "mysql": "%s"}

MAY_BE_LOST: dict[DatabaseKind, str] = {"postgresql": "SET LOCAL synchronous_commit = off"}
"""Said in a transaction that need not wait for the disk. If the server's machine stops, the last of these are lost
together with what they note of how far the move is; a transaction that waits, behind them, makes sure of them all."""

AS_TEXT = {
    ("postgresql", Kind.JSON): "CAST({} AS TEXT)",
    ("postgresql", Kind.DATE): "CAST({} AS TEXT)",
    ("mysql", Kind.JSON): "CAST({} AS CHAR)",
    ("mysql", Kind.DATE): "CAST({} AS CHAR)",
}
"""Columns that drivers would turn into something of their own."""


def quoted(kind: DatabaseKind) -> Callable[[str], str]:
    """Give what quotes a name."""
    mark = "`" if kind == "mysql" else '"'
    return lambda name: f"{mark}{name.replace(mark, mark * 2)}{mark}"


def selected(table: Moved, kind: DatabaseKind) -> str:
    """Write the columns of a table as they are read."""
    return ", ".join(_read(column, kind) for column in table.columns)


def _read(column: Column, kind: DatabaseKind) -> str:
    return AS_TEXT.get((kind, column.kind), "{}").format(quoted(kind)(column.name))


def reading(table: Moved, kind: DatabaseKind, after: Sequence[object]) -> tuple[str, list[object]]:
    """Write the statement that reads a table in the order of its key, from behind a place in it; SQLite's own order is
    that of the rows in its file, whose number comes first then."""
    name, columns = quoted(kind)(table.name), selected(table, kind)
    if kind == "sqlite":
        where = " WHERE rowid > ?" if after else ""
        return f"SELECT rowid, {columns} FROM {name}{where} ORDER BY rowid", list(after)  # noqa: S608 - quoted names
    keys = [quoted(kind)(each) for each in table.key]
    ordered = f" ORDER BY {', '.join(keys)}" if keys else ""
    where, given = _behind(keys, kind, after) if after else ("", [])
    return f"SELECT {columns} FROM {name}{where}{ordered}", given  # noqa: S608 - quoted names


def _behind(keys: Sequence[str], kind: DatabaseKind, after: Sequence[object]) -> tuple[str, list[object]]:
    """Write the condition for what comes after a key; MySQL uses no index for one on several columns at once."""
    mark = PLACEHOLDERS[kind]
    if kind == "postgresql":
        return f" WHERE ({', '.join(keys)}) > ({', '.join([mark] * len(keys))})", list(after)
    ways, given = [], list(after[:1])
    for number, key in enumerate(keys):
        ways.append(" AND ".join([*(f"{each} = {mark}" for each in keys[:number]), f"{key} > {mark}"]))
        given += after[: number + 1]
    return f" WHERE {keys[0]} >= {mark} AND ({' OR '.join(f'({way})' for way in ways)})", given


def inserting(table: Moved, kind: DatabaseKind) -> str:
    """Write the statement that inserts a row of a table."""
    names = ", ".join(map(quoted(kind), table.names))
    marks = ", ".join([PLACEHOLDERS[kind]] * len(table.columns))
    return f"INSERT INTO {quoted(kind)(table.name)} ({names}) VALUES ({marks})"  # noqa: S608 - quoted names


def copying_in(table: Moved) -> str:
    """Write the statement by which PostgreSQL takes lines."""
    names = ", ".join(map(quoted("postgresql"), table.names))
    return f"COPY {quoted('postgresql')(table.name)} ({names}) FROM STDIN"


def copying_out(table: Moved) -> str:
    """Write the statement by which PostgreSQL gives lines."""
    names = ", ".join(map(quoted("postgresql"), table.names))
    return f"COPY {quoted('postgresql')(table.name)} ({names}) TO STDOUT"


def numbering(table: Moved, kind: DatabaseKind) -> str:
    """Write the statement after which the database's own numbers go on behind those that are there; empty where it
    looks itself."""
    if kind != "postgresql" or not table.counted:
        return ""
    name, column = quoted(kind)(table.name), quoted(kind)(table.counted)
    place = f"'{name.replace(chr(39), chr(39) * 2)}', '{table.counted.replace(chr(39), chr(39) * 2)}'"
    return (
        f"SELECT setval(pg_get_serial_sequence({place}), greatest(max({column}), 1), max({column}) IS NOT NULL)"  # noqa: S608 - quoted names
        f" FROM {name}"
    )
