"""Which tables belong to which part of MLflow, where both may share a database, and which are never moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.database.migrating import rights
from flowship.database.own_tables import (
    provider_accounts,
    provider_log_ins,
    removals,
    sessions_table,
    settings_table,
    terminal_requests,
    tokens_table,
    unfinished_move,
    unfinished_restore,
)
from flowship.database.part import Part
from flowship.mlflow_seams.database import schema as mlflow_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

OF_USERS = {tokens_table.NAME: tokens_table.create, provider_accounts.NAME: provider_accounts.create}
"""Flowship's own tables of users, which are moved as MLflow's are, and what makes them."""
OWN = {**OF_USERS, removals.NAME: removals.create}
"""All of its own that are moved so: what is being removed for good must not come back, with half of its artifacts."""

NEVER = frozenset(
    {
        mlflow_schema.TRACKING_VERSION_TABLE,
        mlflow_schema.AUTH_VERSION_TABLE,
        settings_table.NAME,  # whose rows are moved one by one
        sessions_table.NAME,  # whoever is signed in signs in again
        provider_log_ins.NAME,  # of some minutes
        terminal_requests.NAME,  # likewise
        unfinished_move.TABLE,
        unfinished_restore.TABLE,
        rights.PROBE,
    }
)

SETTINGS_LEFT = ("backup.", "migration")
"""How the names of settings begin that are about the old database itself."""


def tables_of(part: Part, names: Iterable[str]) -> set[str]:
    """Choose the tables of a part among those of a database."""
    users = mlflow_schema.AUTH_TABLES | OF_USERS.keys()
    found = set(names) - NEVER
    return found & users if part is Part.AUTH else found - users


def make_own_tables(engine: Engine, names: Iterable[str]) -> None:
    """Make those of Flowship's own tables that are among these. Raises DatabaseError when that is not allowed."""
    for name in sorted(OWN.keys() & set(names)):
        OWN[name](engine)


def settings_to_move(engine: Engine) -> dict[str, str]:
    """Read the settings that are moved, by name."""
    names = [name for name in settings_table.names(engine) if not name.startswith(SETTINGS_LEFT)]
    return {name: value for name in names if (value := settings_table.get(engine, name)) is not None}
