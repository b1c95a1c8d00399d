"""What searches for runs, experiments and traces have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sqlalchemy import Connection

REMEMBERED = 64
"""Statements of searches that are kept: a page asks for the same again and again."""


class Wanted(NamedTuple):
    """Which ones, and in which order."""

    filter_string: str
    order_by: tuple[str, ...]
    stages: tuple[str, ...] = ()
    """Stages of life; none for traces, which have none."""


def heed_case(connection: Connection) -> None:
    """Have SQLite heed capitals in `LIKE`, as the others do, and as MLflow tells it before each of its own searches."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA case_sensitive_like = true")
