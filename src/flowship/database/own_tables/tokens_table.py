"""Tokens of users, in the users' database: valid in every replica, and in backups like all the rest.

A row holds a hash of the token, from which nobody can make it. A token ends with its user: it remembers the number of
the user's row beside the name, so that it is not the next user's of that name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from flowship.database.own_tables.making import made_once
from flowship.mlflow_seams.auth.passwords import NUMBER, of_user

if TYPE_CHECKING:
    from sqlalchemy import Engine, Row, Table

NAME = "flowship_tokens"

LONGEST_NAME = 100
"""Characters of a token's name."""


@dataclass(frozen=True)
class Token:
    """A token that is kept. Times are seconds since 1970."""

    id: str
    """By which it is named in lists, which is no secret."""
    username: str
    name: str
    read_only: bool
    made_at: int
    login: str
    """The name by which the user had signed in; empty for a token that somebody else made."""
    made_by: str
    """Who made it; empty for whoever had the database."""
    expires_at: int | None
    used_at: int | None
    """When it was used last, to some minutes."""


def create(engine: Engine) -> None:
    """Make the table unless it exists.

    Raises:
        DatabaseError: that is not allowed; it says what to do instead.
    """
    made_once(engine, _table(), instead="set tokens.enabled to false")


def add(engine: Engine, hashed: str, token: Token) -> bool:
    """Keep a new token of a user; whether there is such a user."""
    from sqlalchemy import insert

    with engine.begin() as connection:
        number = connection.execute(of_user(NUMBER, token.username)).scalar()
        if number is None:
            return False
        row = {**vars(token), "read_only": int(token.read_only)}
        connection.execute(insert(_table()).values(hash=hashed, user_number=number, **row))
    return True


def find(engine: Engine, hashed: str) -> Token | None:
    """Find a token by its hash, if its user is still the same."""
    from sqlalchemy import select

    table = _table()
    with engine.connect() as connection:
        row = connection.execute(select(table).where(table.c.hash == hashed)).first()
        if row is None or connection.execute(of_user(NUMBER, row.username)).scalar() != row.user_number:
            return None
    return _token(row)


def of(engine: Engine, username: str | None = None) -> list[Token]:
    """List the tokens of a user, or of all users, the newest first."""
    from sqlalchemy import select

    table = _table()
    asked = select(table).order_by(table.c.made_at.desc(), table.c.id)
    if username is not None:
        asked = asked.where(table.c.username == username)
    with engine.connect() as connection:
        return [_token(row) for row in connection.execute(asked)]


def used(engine: Engine, id: str, now: int) -> None:  # noqa: A002 - what a token has
    """Keep that a token was used now."""
    from sqlalchemy import update

    table = _table()
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == id).values(used_at=now))


def remove(engine: Engine, id: str, username: str | None = None) -> Token | None:  # noqa: A002 - what a token has
    """Revoke a token, of this user if one is named, and give it; None if there is no such one."""
    from sqlalchemy import delete, select

    table = _table()
    mine = table.c.id == id if username is None else (table.c.id == id) & (table.c.username == username)
    with engine.begin() as connection:
        row = connection.execute(select(table).where(mine)).first()
        connection.execute(delete(table).where(mine))
    return None if row is None else _token(row)


def forget_user(engine: Engine, username: str) -> None:
    """Remove the tokens of a user who is deleted, or of whom there is a new one of the name."""
    from sqlalchemy import delete, inspect

    if inspect(engine).has_table(NAME):
        table = _table()
        with engine.begin() as connection:
            connection.execute(delete(table).where(table.c.username == username))


def _token(row: Row[tuple[object, ...]]) -> Token:
    return Token(
        row.id,
        row.username,
        row.name,
        bool(row.read_only),
        row.made_at,
        row.login,
        row.made_by,
        row.expires_at,
        row.used_at,
    )


@cache
def _table() -> Table:
    from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table

    return Table(
        NAME,
        MetaData(),
        Column("hash", String(64), primary_key=True),
        Column("id", String(16), nullable=False),
        Column("username", String(255), nullable=False),
        Column("user_number", Integer, nullable=False),
        Column("name", String(LONGEST_NAME), nullable=False),
        Column("read_only", Integer, nullable=False),
        Column("made_at", BigInteger, nullable=False),
        Column("login", String(255), nullable=False),
        Column("made_by", String(255), nullable=False),
        Column("expires_at", BigInteger),
        Column("used_at", BigInteger),
        Index("flowship_tokens_id", "id", unique=True),
        Index("flowship_tokens_username", "username"),
    )
