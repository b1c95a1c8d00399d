"""Where MLflow keeps the hash of each user's password: another one means that the password was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select

TABLE, NUMBER, NAME, HASH = "users", "id", "username", "password_hash"
"""MLflow's table of users, and its columns for a number, a name and the hash of a password."""


def password_hashes(username: str) -> Select[Any]:
    """Ask for the hash of one user's password."""
    from sqlalchemy import column, select, table

    users = table(TABLE, column(NAME), column(HASH))
    return select(users.c[HASH]).where(users.c[NAME] == username)


def user_numbers(username: str) -> Select[Any]:
    """Ask for the number of one user."""
    from sqlalchemy import column, select, table

    users = table(TABLE, column(NUMBER), column(NAME))
    return select(users.c[NUMBER]).where(users.c[NAME] == username)


def users_engine() -> Engine:
    """MLflow's connections to the database of users."""
    from flowship.mlflow_seams.auth.users import users_store

    engine: Engine = users_store().engine
    return engine
