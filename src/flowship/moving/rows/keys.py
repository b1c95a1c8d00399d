"""Keys, foreign keys and indexes of PostgreSQL's tables, which are taken off while rows arrive and made again after.

To sort all rows once costs a fraction of finding the place of each in an index. What is taken off is noted in the same
transaction, with the definition that PostgreSQL itself gives, and each is forgotten in the transaction that makes it
again: whoever is killed leaves a note of all that is missing, and no server starts before the move has finished.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flowship.moving.rows.notes import forget, note, noted
from flowship.moving.rows.sessions import execute, fetched
from flowship.moving.rows.statements import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from flowship.moving.rows.sessions import Connection

FOUND = """
WITH moved AS (
    SELECT oid, relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
      AND relname = ANY(%s::text[]) AND pg_has_role(relowner, 'USAGE')
)
SELECT t.relname, c.conname, pg_get_constraintdef(c.oid), c.contype::text
FROM pg_constraint c JOIN moved t ON t.oid = c.conrelid
WHERE c.contype IN ('f', 'p', 'u') AND NOT EXISTS (
    SELECT FROM pg_constraint f
    WHERE f.contype = 'f' AND c.contype <> 'f' AND f.conindid = c.conindid AND f.conrelid NOT IN (SELECT oid FROM moved)
)
UNION ALL
SELECT t.relname, i.relname, pg_get_indexdef(i.oid), 'i'
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN moved t ON t.oid = x.indrelid
WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid)
"""
"""What these tables have, and no other table needs: its table, name, definition and kind."""

FOREIGN, INDEX = "f", "i"
ORDER = f"pu{INDEX}{FOREIGN}"
"""Foreign keys come last, since they need a key to refer to, and go first."""

MISSING = "missing-"
"""How the name of the note begins, before that of a part of MLflow; no table has such a name."""

SORTING = "SET LOCAL maintenance_work_mem = '256MB'"
"""PostgreSQL's own 64 MB sort millions of rows on its disk, in many parts."""


@dataclass(frozen=True)
class Key:
    """A constraint or an index of a table."""

    table: str
    name: str
    definition: str
    kind: str
    """As PostgreSQL abbreviates it: (p)rimary key, (u)nique, (f)oreign key; (i)ndex is ours."""

    @property
    def removing(self) -> str:
        """The statement that takes it off."""
        quote = quoted("postgresql")
        if self.kind == INDEX:
            return f"DROP INDEX {quote(self.name)}"
        return f"ALTER TABLE {quote(self.table)} DROP CONSTRAINT {quote(self.name)}"

    @property
    def making(self) -> str:
        """The statement that makes it again."""
        if self.kind == INDEX:
            return self.definition
        quote = quoted("postgresql")
        return f"ALTER TABLE {quote(self.table)} ADD CONSTRAINT {quote(self.name)} {self.definition}"


def in_order(keys: Iterable[Key]) -> list[Key]:
    """Give keys in an order in which they can be made."""
    return sorted(keys, key=lambda each: ORDER.index(each.kind))


def take_off(connection: Connection, part: str, tables: Iterable[str]) -> None:
    """Take off what is on tables of PostgreSQL, and note it beside what was noted before."""
    found = [Key(*map(str, row)) for row in fetched(connection, FOUND, list(tables))]
    if found:
        _note(connection, part, [*_missing(connection, part), *found])
        for key in reversed(in_order(found)):
            execute(connection, key.removing)
    connection.commit()


def make_again(connection: Connection, part: str, report: Callable[[int, int], None]) -> None:
    """Make what was taken off, one after the other, each in a transaction of its own. `report` is told how many there
    are, and of each that was made."""
    left = in_order(_missing(connection, part))
    total = len(left)
    while left:
        key, *left = left
        execute(connection, SORTING)
        execute(connection, key.making)
        _note(connection, part, left)
        connection.commit()
        report(total, 1)


def _missing(connection: Connection, part: str) -> list[Key]:
    kept = noted(connection, "postgresql", f"{MISSING}{part}") or {"keys": []}
    return [Key(**each) for each in kept["keys"]]


def _note(connection: Connection, part: str, missing: list[Key]) -> None:
    name = f"{MISSING}{part}"
    if missing:
        note(connection, "postgresql", name, {"keys": [asdict(key) for key in missing]})
    else:
        forget(connection, "postgresql", name)
