"""A question to the database that is made once, and asked again and again.

On PostgreSQL it goes through the driver itself: what SQLAlchemy does around each statement costs several times what the
driver and the database do for a small one. The values of MLflow's tables come from the driver as they are needed.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from sqlalchemy import any_, bindparam

from flowship.tracking.reading.arrays import array

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, CompoundSelect, Connection, Dialect, Select

DIRECT = "postgresql"
"""The kind of database whose drivers are asked directly."""


def among(column: ColumnElement[Any], name: str, dialect: Dialect) -> ColumnElement[bool]:
    """Compare a column with a parameter that is a list; the statement is the same for any number of values where the
    database takes one."""
    if dialect.name == DIRECT:
        return column == any_(bindparam(name, type_=array(column.type)))
    return column.in_(bindparam(name, expanding=True))


class Statement:
    """One question, with its parameters by name."""

    def __init__(self, question: Select[Any] | CompoundSelect[Any], dialect: Dialect) -> None:
        self._question = question
        compiled = question.compile(dialect=dialect) if dialect.name == DIRECT else None
        self._text = str(compiled) if compiled else ""
        self._constants: Mapping[str, Any] = compiled.params if compiled else {}

    def rows(self, connection: Connection, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Give the rows that the database finds."""
        if not self._text:
            return connection.execute(self._question, parameters).all()
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(self._text, {**self._constants, **parameters})
            return cursor.fetchall()
