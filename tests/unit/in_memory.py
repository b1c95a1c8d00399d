"""A database of SQLite in memory, which ends with the test that uses it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, text
from sqlalchemy.pool import StaticPool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@contextmanager
def in_memory() -> Iterator[Engine]:
    """Give an engine whose connections are all one, for threads too, and close it afterwards."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    try:
        yield engine
    finally:
        engine.dispose()


def execute(engine: Engine, statement: str) -> None:
    """Execute a statement in a transaction of its own."""
    with engine.begin() as connection:
        connection.execute(text(statement))
