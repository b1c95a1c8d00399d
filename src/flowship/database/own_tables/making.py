"""Makes a table of Flowship's own, once, whoever is first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

WITHOUT_PROVIDER = "set oidcAuth.enabled to false"
"""What to do instead of making the tables of a provider's users."""


def made_once(engine: Engine, table: Table, *, instead: str) -> None:
    """Make a table unless it exists. Raises DatabaseError, saying what to do `instead`, when that is not allowed."""
    from sqlalchemy import inspect
    from sqlalchemy.exc import DBAPIError

    try:
        table.create(engine, checkfirst=True)
    except DBAPIError as error:
        if inspect(engine).has_table(table.name):  # two made it at once
            return
        raise DatabaseError(
            f'The user "{engine.url.username or ""}" may not make the table {table.name} in the database'
            f' "{engine.url.database}". Let an administrator run `flowship migrate` once, or {instead}.'
        ) from error
