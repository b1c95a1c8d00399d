"""Errors of drivers and files, as sentences of whoever works on a database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from flowship.database.connection_errors import explain
from flowship.errors import FlowshipError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.database.database import Database


@contextmanager
def explained(database: Database, doing: str, raised: type[FlowshipError]) -> Iterator[None]:
    """Turn what the drivers raise into an error of this kind, which says what was being done to the database."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except FlowshipError:
        raise
    except SQLAlchemyError as error:
        raise raised(f"{doing} {database.named}: {explain(error, database).sentence}.") from error
    except OSError as error:
        raise raised(f"{doing} {database.named}: {error}.") from error
