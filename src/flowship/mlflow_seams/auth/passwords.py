"""Where MLflow keeps the hash of each user's password: another one means that the password was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select

TABLE, NUMBER, NAME, HASH = "users", "id", "username", "password_hash"
"""MLflow's table of users, and its columns for a number, a name and the hash of a password."""


def of_user(name: str, username: str) -> Select[Any]:
    """Ask for what one user has in the column of this name."""
    from sqlalchemy import column, select, table

    users = table(TABLE, column(NAME), column(name))
    return select(users.c[name]).where(users.c[NAME] == username)


def hash_of(username: str) -> str | None:
    """Read the hash of a user's password; None where there is no such user.

    Raises SQLAlchemyError when the database does not answer.
    """
    with users_engine().connect() as connection:
        found: str | None = connection.execute(of_user(HASH, username)).scalar()
    return found


def users_engine() -> Engine:
    """MLflow's connections to the database of users."""
    from flowship.mlflow_seams.auth.users import users_store

    engine: Engine = users_store().engine
    return engine
