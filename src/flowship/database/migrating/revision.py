"""What a database holds: nothing yet, MLflow's tables at some revision, or something else's.

MLflow's tracking and auth tables may share one database: each part has its own version table since MLflow 3.6. Before,
the auth database used the same name, `alembic_version`, for its own revisions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from flowship.database.migrating import rights
from flowship.database.own_tables import settings_table, unfinished_move, unfinished_restore
from flowship.database.part import Part
from flowship.mlflow_seams.database import schema as mlflow_schema

if TYPE_CHECKING:
    from sqlalchemy import ColumnClause, Connection, Engine


class Standing(StrEnum):
    """How a database stands to this MLflow."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class State:
    """What a database holds of one part of MLflow."""

    part: Part
    standing: Standing
    head: str
    """The revision of this MLflow."""
    revision: str | None = None
    """The revision of the database; None where it has none."""
    strangers: tuple[str, ...] = ()
    """Tables of something else, where that is what the database holds."""
    used: bool = False
    """Whether a server has run on it: MLflow makes an experiment and an admin at its first start."""
    stale_auth_revision: bool = False
    """Whether the auth tables' revision, of before MLflow 3.6, is in the way of that of the tracking tables."""


def read_state(engine: Engine, part: Part) -> State:
    """Look at what a database holds of one part, and change nothing. Raises what SQLAlchemy raises."""
    from sqlalchemy import inspect

    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        read = _tracking_state if part is Part.TRACKING else _auth_state
        return read(connection, tables)


def _tracking_state(connection: Connection, tables: set[str]) -> State:
    part = Part.TRACKING
    revision = _version(connection, tables, mlflow_schema.TRACKING_VERSION_TABLE)
    stale = revision in Part.AUTH.revisions
    if revision is not None and not stale:
        if revision in part.revisions:
            used = _has_rows(connection, "experiments")
            return State(part, _standing(part, revision), part.head, revision, used=used)
        if {"experiments", "runs"} <= tables:
            return State(part, Standing.NEWER, part.head, revision)
        return State(part, Standing.FOREIGN, part.head, revision, _strangers(tables))
    others = tables - mlflow_schema.AUTH_TABLES - _bookkeeping()
    # An initialisation that was cut short leaves the first tables, empty and without a revision. With rows in them,
    # they are those of MLflow before 1.0, which had no revisions.
    if others <= mlflow_schema.FIRST_TRACKING_TABLES:
        used = "experiments" in others and _has_rows(connection, "experiments")
        standing = Standing.OLDER if used else Standing.EMPTY
        return State(part, standing, part.head, used=used, stale_auth_revision=stale)
    return State(part, Standing.FOREIGN, part.head, strangers=_strangers(tables))


def _auth_state(connection: Connection, tables: set[str]) -> State:
    part = Part.AUTH
    revision = _version(connection, tables, mlflow_schema.AUTH_VERSION_TABLE)
    if revision is not None:
        standing = _standing(part, revision) if revision in part.revisions else Standing.NEWER
        return State(part, standing, part.head, revision, used=_has_rows(connection, "users"))
    if tables >= mlflow_schema.FIRST_AUTH_TABLES:
        # MLflow before 3.6; it takes no other revision than the first for granted either.
        used = _has_rows(connection, "users")
        return State(part, Standing.OLDER, part.head, mlflow_schema.FIRST_AUTH_REVISION, used=used)
    shared = _version(connection, tables, mlflow_schema.TRACKING_VERSION_TABLE)
    is_tracking = shared is not None and {"experiments", "runs"} <= tables
    others = set() if is_tracking else tables - mlflow_schema.FIRST_TRACKING_TABLES - _bookkeeping()
    # A table that is called `users` as MLflow's is, without the rest of MLflow's, belongs to something else.
    if others or tables & mlflow_schema.AUTH_TABLES:
        return State(part, Standing.FOREIGN, part.head, strangers=_strangers(tables))
    return State(part, Standing.EMPTY, part.head)


def _standing(part: Part, revision: str) -> Standing:
    return Standing.CURRENT if revision == part.head else Standing.OLDER


def _bookkeeping() -> set[str]:
    own = {settings_table.NAME, unfinished_move.TABLE, unfinished_restore.TABLE, rights.PROBE}
    return own | {mlflow_schema.TRACKING_VERSION_TABLE, mlflow_schema.AUTH_VERSION_TABLE}


def _strangers(tables: set[str]) -> tuple[str, ...]:
    return tuple(sorted(tables - _bookkeeping()))


def _version(connection: Connection, tables: set[str], table: str) -> str | None:
    """Give the revision in a version table; several, which MLflow never has, are given joined and thus as unknown."""
    from sqlalchemy import column, select
    from sqlalchemy import table as any_table

    if table not in tables:
        return None
    version: ColumnClause[str] = column("version_num")
    statement = select(version).select_from(any_table(table))
    found = sorted(str(revision) for revision in connection.execute(statement).scalars())
    return "+".join(found) or None


def _has_rows(connection: Connection, table: str) -> bool:
    from sqlalchemy import literal_column, select
    from sqlalchemy import table as any_table

    return connection.execute(select(literal_column("1")).select_from(any_table(table)).limit(1)).first() is not None
