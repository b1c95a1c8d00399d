"""Removes rows, few at a time, each time in a transaction of its own, so that nobody waits long for a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, literal_column, select, update

from flowship.garbage.tables import KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Delete

    from flowship.garbage.tables import Step
    from flowship.garbage.writing import Writing

AT_ONCE = 2_000
"""Rows that one statement removes."""


def remove_belongings(writing: Writing, steps: Sequence[Step], keys: Sequence[Any]) -> int:
    """Remove what belongs to the rows with these keys, in as many transactions as it takes; how many rows that were.
    Raises what SQLAlchemy raises."""
    return sum(_remove(writing, step, keys) for step in steps)


def remove_left(connection: Connection, steps: Sequence[Step], keys: Sequence[Any]) -> int:
    """Remove what has come to the rows with these keys meanwhile, in the transaction that removes these; how many rows
    that were."""
    return sum(_execute(connection, step, keys, 0) for step in steps)


def _remove(writing: Writing, step: Step, keys: Sequence[Any]) -> int:
    removed = 0
    while True:
        count = writing.run(lambda connection: _execute(connection, step, keys, AT_ONCE))
        if step.emptied:
            return 0
        removed += count
        if count < AT_ONCE:
            return removed


def _execute(connection: Connection, step: Step, keys: Sequence[Any], limit: int) -> int:
    told = {KEYS: [str(key) for key in keys] if step.as_text else list(keys)}
    if step.emptied:
        connection.execute(update(step.table).where(step.where).values(dict.fromkeys(step.emptied)), told)
        return 0
    statement = _some(connection.dialect.name, step, limit) if limit else delete(step.table).where(step.where)
    return connection.execute(statement, told).rowcount


def _some(dialect: str, step: Step, limit: int) -> Delete:
    """Delete so many rows at most, as each kind of database says it."""
    table = step.table
    if dialect in {"mysql", "mariadb"}:
        return delete(table).where(step.where).with_dialect_options(**{f"{dialect}_limit": limit})
    place: Any = literal_column("ctid" if dialect == "postgresql" else "rowid")
    first = select(place).select_from(table).where(step.where).limit(limit).correlate(None)
    if dialect == "postgresql":
        return delete(table).where(place == func.any(func.array(first.scalar_subquery())))
    return delete(table).where(place.in_(first))
