"""Which rows belong to a run, a model, a trace or an experiment: read from the database's own foreign keys.

The statements are made once, and are told the keys when they are executed. Those of what belongs to something come
before those of the thing itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, MetaData, bindparam, select, tuple_

from flowship.mlflow_seams.database.belongings import INDEPENDENT, LOOSE, TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Engine, ForeignKeyConstraint, Table

    from flowship.mlflow_seams.database.belongings import Kind

KEYS = "keys"
"""The name by which the statements are told what they are about."""
OWN_PREFIX = "flowship_"
SET_NULL = "SET NULL"

_UNITS = frozenset(name for name, _ in TABLES.values())


@dataclass(frozen=True)
class Step:
    """Rows to delete or, if `emptied` names columns, to keep without what they point to."""

    table: Table
    where: ColumnElement[bool]
    emptied: tuple[str, ...] = ()
    as_text: bool = False
    """Whether the keys are told as text, whatever they are in their own table."""


def read_tables(engine: Engine) -> MetaData:
    """Read the tables of a database, with their foreign keys."""
    found = MetaData()
    found.reflect(engine, only=lambda name, _: not name.startswith(OWN_PREFIX))
    return found


def column(tables: MetaData, kind: Kind) -> Column[Any]:
    """Give the key of a kind."""
    table, key = TABLES[kind]
    return tables.tables[table].c[key]


def steps(tables: MetaData, kind: Kind) -> list[Step]:
    """Give what to delete before the rows of this kind themselves, in order. Of an experiment, its runs, models and
    traces are not in it: these are removed by themselves, with their artifacts."""
    key = column(tables, kind)
    found: list[Step] = []
    for loose in LOOSE[kind]:
        if loose.table in tables.tables:
            table = tables.tables[loose.table]
            where = _among(table.c[loose.column])
            if loose.type_column:
                where &= table.c[loose.type_column].in_(loose.types)
            as_text = table.c[loose.column].type.python_type is str
            below = [replace(step, as_text=as_text) for step in _below(tables, table, where, None)]
            found += [*below, Step(table, where, as_text=as_text)]
    found += _below(tables, key.table, _among(key), key.name)
    return list({(step.table.name, str(step.where)): step for step in found}.values())


def _among(column: Column[Any]) -> ColumnElement[bool]:
    return column.in_(bindparam(KEYS, expanding=True, type_=column.type))


def _below(tables: MetaData, table: Any, where: ColumnElement[bool], carried: str | None) -> Iterator[Step]:
    """Give what refers to these rows. `carried` is the column that holds the keys: where a foreign key hands it on, no
    other table need be asked, which MariaDB would do for each row."""
    for child, constraint in _referring(tables, table):
        if child.name in INDEPENDENT or child.name in _UNITS:
            continue
        pairs = [(element.parent, element.column) for element in constraint.elements]
        same = next((own for own, other in pairs if other.name == carried), None)
        rows = _through(pairs, where) if same is None else _among(same)
        if (constraint.ondelete or "").upper() == SET_NULL:
            yield Step(child, rows, tuple(own.name for own, _ in pairs if own.nullable))
            continue
        yield from _below(tables, child, rows, same.name if same is not None else None)
        yield Step(child, rows)


def _through(pairs: list[tuple[Any, Any]], where: ColumnElement[bool]) -> ColumnElement[bool]:
    own, others = zip(*pairs, strict=True)
    left = own[0] if len(own) == 1 else tuple_(*own)
    return left.in_(select(*others).where(where))


def _referring(tables: MetaData, table: Table) -> Iterator[tuple[Table, ForeignKeyConstraint]]:
    for child in sorted(tables.tables.values(), key=lambda each: each.name):
        if child is table:
            continue
        for constraint in sorted(child.foreign_key_constraints, key=lambda each: sorted(each.column_keys)):
            if constraint.referred_table is table:
                yield child, constraint


def guards(tables: MetaData) -> list[tuple[Table, ColumnElement[bool]]]:
    """Give the tables of what keeps an experiment, with the rows that belong to these experiments."""
    key = column(tables, "experiment")
    inner = [(step.table, step.where) for step in steps(tables, "experiment")]
    found: list[tuple[Table, ColumnElement[bool]]] = []
    for table, where in [(key.table, _among(key)), *inner]:
        for child, constraint in _referring(tables, table):
            if child.name in INDEPENDENT and (constraint.ondelete or "").upper() != SET_NULL:
                pairs = [(element.parent, element.column) for element in constraint.elements]
                found.append((child, _through(pairs, where)))
    return found
