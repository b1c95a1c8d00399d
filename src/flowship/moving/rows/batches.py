"""Reads a table in batches, in the order of its key, and writes them; memory never holds more than a few of them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from flowship.moving.rows import statements
from flowship.moving.rows.lines import MODULUS, checksum, lines
from flowship.moving.rows.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flowship.database.url import Kind as DatabaseKind
    from flowship.moving.rows.sessions import Connection
    from flowship.moving.rows.tables import Moved

    Row = tuple[Any, ...]

ROWS = 20_000
OCTETS = 1 << 22
"""The most rows and characters of a batch, as far as `FEW` rows do not have more."""
FEW = 20
WITHOUT_NUMBER = itemgetter(slice(1, None))
SHORT = 500
LONG = frozenset({Kind.TEXT, Kind.JSON, Kind.BYTES})
"""Kinds of columns that may be long; those of at most so many characters are not."""


@dataclass(frozen=True)
class Batch:
    """Some rows of a table, and how far reading is with them."""

    rows: list[Row]
    after: list[Any]
    """The key of the last row, as it is given to `read`."""


@dataclass(frozen=True)
class Prepared:
    """A batch as it is written, with its sum."""

    rows: list[Row]
    encoded: bytes
    """What PostgreSQL takes."""
    after: list[Any]
    sum: int


def read(connection: Connection, table: Moved, kind: DatabaseKind, after: Sequence[Any] = ()) -> Iterator[Batch]:
    """Read a table, from behind a place in it."""
    statement, given = statements.reading(table, kind, after)
    cursor = _cursor(connection, kind)
    try:
        cursor.execute(statement, given or None) if kind != "sqlite" else cursor.execute(statement, given)
        clean = _cleaning(table)
        place = [table.names.index(name) for name in table.key]
        for rows in _fetched(cursor, table):
            last = rows[-1]
            if kind == "sqlite":
                yield Batch(clean(list(map(WITHOUT_NUMBER, rows))), [last[0]])
            else:
                yield Batch(clean(rows), [_kept(last[number]) for number in place])
    finally:
        cursor.close()


def prepared(batch: Batch, table: Moved) -> Prepared:
    """Make a batch ready to be written, and sum it up."""
    written = lines(batch.rows, table.kinds, compared=False)
    encoded = "\n".join(written).encode()
    compared = encoded
    if Kind.JSON in table.kinds:
        compared = "\n".join(lines(batch.rows, table.kinds)).encode()
    return Prepared(batch.rows, encoded + b"\n", batch.after, checksum(compared.split(b"\n")))


def write(connection: Connection, table: Moved, kind: DatabaseKind, batch: Prepared) -> None:
    """Write a batch, as a part of the connection's transaction."""
    cursor = connection.cursor()
    try:
        if kind != "postgresql":
            cursor.executemany(statements.inserting(table, kind), batch.rows)
        elif hasattr(cursor, "copy_expert"):
            cursor.copy_expert(statements.copying_in(table), io.BytesIO(batch.encoded), size=len(batch.encoded))
        else:
            with cursor.copy(statements.copying_in(table)) as copy:
                copy.write(batch.encoded)
    finally:
        cursor.close()


def summed(connection: Connection, table: Moved, kind: DatabaseKind, report: Callable[[int], None]) -> Sum:
    """Read a whole table, and sum it up. `report` is told of rows that were read."""
    found = Sum(report)
    if kind == "postgresql" and Kind.JSON not in table.kinds:
        _copy_out(connection, table, found)
    else:
        for batch in read(connection, table, kind):
            found.add("\n".join(lines(batch.rows, table.kinds)).encode().split(b"\n"))
    return found


class Sum:
    """The sum of lines so far. It is a file, too, to which PostgreSQL's driver writes one line at a time."""

    def __init__(self, report: Callable[[int], None]) -> None:
        self.rows = 0
        self.total = 0
        self._report = report
        self._lines: list[bytes] = []

    def add(self, encoded: list[bytes]) -> None:
        """Add some lines, without their ends."""
        self.rows += len(encoded)
        self.total = (self.total + checksum(encoded)) % MODULUS
        self._report(len(encoded))

    def write(self, line: bytes) -> None:
        """Add a line with its end, a little later."""
        self._lines.append(line[:-1])
        if len(self._lines) >= ROWS:
            self.flush()

    def flush(self) -> None:
        """Add what was written."""
        self.add(self._lines)
        self._lines = []


def _copy_out(connection: Connection, table: Moved, found: Sum) -> None:
    """Have PostgreSQL write the lines."""
    statement = statements.copying_out(table)
    cursor = connection.cursor()
    if hasattr(cursor, "copy_expert"):
        cursor.copy_expert(statement, found)
    else:
        with cursor.copy(statement) as copy:
            for line in copy:
                found.write(bytes(line))
    found.flush()
    cursor.close()


def _cursor(connection: Connection, kind: DatabaseKind) -> Any:
    """Make a cursor whose rows stay with the server until they are asked for."""
    if kind == "postgresql":
        cursor = connection.cursor(name="flowship_move")
        cursor.itersize = ROWS
        return cursor
    if kind == "mysql":
        from pymysql.cursors import SSCursor

        return connection.cursor(SSCursor)
    return connection.cursor()


def _fetched(cursor: Any, table: Moved) -> Iterator[list[Row]]:
    """Fetch rows, as many at once as are not too long together."""
    if all(column.characters and column.characters <= SHORT for column in table.columns if column.kind in LONG):
        while rows := cursor.fetchmany(ROWS):
            yield rows
        return
    collected: list[Row] = []
    weight = 0
    while rows := cursor.fetchmany(FEW):
        collected += rows
        weight += sum(len(value) for row in rows for value in row if isinstance(value, str | bytes | memoryview))
        if len(collected) >= ROWS or weight >= OCTETS:
            yield collected
            collected, weight = [], 0
    if collected:
        yield collected


def _cleaning(table: Moved) -> Callable[[list[Row]], list[Row]]:
    """Give what makes bytes of what drivers give for them."""
    if Kind.BYTES not in table.kinds:
        return lambda rows: rows
    return lambda rows: [tuple(bytes(each) if isinstance(each, memoryview) else each for each in row) for row in rows]


def _kept(value: Any) -> Any:
    """Give a part of a key as JSON keeps it."""
    return value if isinstance(value, str | int | float) else str(value)
