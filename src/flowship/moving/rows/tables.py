"""What is moved of a database: its tables, in an order in which each row's parents come first, and what their columns
mean on both sides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from flowship.errors import MoveError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What the values of a column are, whatever each database calls its type. Dates are texts."""

    INTEGER = "integer"
    FLOAT = "float"
    TEXT = "text"
    BOOLEAN = "boolean"
    JSON = "json"
    BYTES = "bytes"
    DATE = "date"


MOST_SPECIFIC = (Kind.JSON, Kind.BOOLEAN, Kind.DATE, Kind.BYTES, Kind.FLOAT, Kind.INTEGER, Kind.TEXT)
"""Which of two words for a column says more: MySQL calls a boolean a small number, and MariaDB calls JSON a text."""


@dataclass(frozen=True)
class Column:
    """A column as one database has it."""

    name: str
    kind: Kind
    nullable: bool = True
    characters: int | None = None
    """The longest text, in characters."""
    octets: int | None = None
    """The longest text or value, in bytes."""
    bits: int | None = None
    """The size of a number."""
    collation: str = ""
    """By which MySQL compares texts; empty where they are compared letter by letter."""


@dataclass(frozen=True)
class Table:
    """A table as one database has it. Columns that the database computes itself are left out."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...] = ()
    """Other sets of columns that no two rows share."""
    parents: frozenset[str] = frozenset()
    """Tables to which its rows refer."""
    counted: str = ""
    """The column for which the database gives numbers itself."""


@dataclass(frozen=True)
class Moved:
    """A table that is moved: as the new side has it, with what the values of each column are on both."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """That of the old side, in whose order it is read; the new side's may be missing meanwhile."""
    uniques: tuple[tuple[str, ...], ...] = ()
    counted: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in the order in which values are read and written."""
        return tuple(column.name for column in self.columns)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What the values are, in the same order."""
        return tuple(column.kind for column in self.columns)


def plan(old: Mapping[str, Table], new: Mapping[str, Table]) -> list[Moved]:
    """Put the old side's tables, all of which the new one has, in an order: each after those to which its rows refer.

    Raises:
        MoveError: a table has not the same columns on both sides.
    """
    parents = {name: ((old[name].parents | new[name].parents) & old.keys()) - {name} for name in sorted(old)}
    return [_moved(old[name], new[name]) for name in TopologicalSorter(parents).static_order()]


def _moved(old: Table, new: Table) -> Moved:
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    if differing := sorted(before.keys() ^ after.keys()):
        raise MoveError(
            f"The table {old.name} has not the same columns on both sides: {', '.join(differing)}. Both are at the"
            " newest revision, so one of them was changed by hand: make its columns those of the other one."
        )
    columns = tuple(_joined(before[name], column) for name, column in after.items())
    key = old.key or new.key
    uniques = tuple(each for each in dict.fromkeys((new.key, *new.uniques)) if each not in {key, ()})
    return Moved(new.name, columns, key, uniques, new.counted)


def _joined(old: Column, new: Column) -> Column:
    """Give a column its meaning: its limits are those of the new side, as far as the old one does not keep them."""
    kind = next(kind for kind in MOST_SPECIFIC if kind in {old.kind, new.kind})
    nullable = new.nullable or not old.nullable
    return Column(new.name, kind, nullable, new.characters, new.octets, new.bits, new.collation)
