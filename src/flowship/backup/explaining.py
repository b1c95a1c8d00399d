"""Errors of drivers and files while a database is backed up or restored, as sentences."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowship.database.connection_errors import explain
from flowship.errors import BackupError, FlowshipError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.database.database import Database


@contextmanager
def explained(database: Database, doing: str) -> Iterator[None]:
    """Turn what the drivers raise into a sentence."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except FlowshipError:
        raise
    except SQLAlchemyError as error:
        raise BackupError(f"{doing} {database.named}: {explain(error, database).sentence}.") from error
    except OSError as error:
        raise BackupError(f"{doing} {database.named}: {error}.") from error
