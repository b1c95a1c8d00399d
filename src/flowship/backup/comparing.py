"""What a database holds, to be compared with a dump: the rows of its tables, and the revisions of its schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine


def rows(engine: Engine, names: list[str]) -> dict[str, int]:
    """Count the rows of each table; its name is as the dump spells it."""
    with engine.connect() as connection:
        return {
            name: int(connection.exec_driver_sql(f"SELECT count(*) FROM {_quoted(engine, name)}").scalar_one())  # noqa: S608
            for name in names
        }


def revisions(engine: Engine, names: Mapping[str, str]) -> dict[str, str]:
    """Read the revision in each of these version tables: the name in the dump by its plain name."""
    with engine.connect() as connection:
        return {
            plain: str(connection.exec_driver_sql(f"SELECT version_num FROM {_quoted(engine, name)}").scalar())  # noqa: S608
            for plain, name in names.items()
        }


def _quoted(engine: Engine, name: str) -> str:
    """Give a table's name in SQL: as PostgreSQL's dumps spell it, schema included, it is quoted already."""
    if engine.dialect.name == "postgresql":
        return name
    return engine.dialect.identifier_preparer.quote_identifier(name)
