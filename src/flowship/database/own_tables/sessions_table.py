"""Who has signed in with a browser, in the users' database: valid in every replica, and in backups like all the rest.

A row holds a hash of the session's id, from which nobody can make the cookie, and a digest of what MLflow keeps of the
user's password: a session ends when that changes or the user is gone, whoever did it, plain MLflow included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from flowship.database.own_tables import hashing
from flowship.database.own_tables.making import made_once
from flowship.mlflow_seams.auth.passwords import HASH, of_user

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

    from flowship.database.database import Database

NAME = "flowship_sessions"

MOST = 50
"""Sessions of one user that are kept; a new one ends the one that was used longest ago."""
LONGEST_BROWSER = 200
"""Characters that are kept of what a browser says it is."""


@dataclass(frozen=True)
class Session:
    """A session that is kept. Times are seconds since 1970."""

    username: str
    login: str
    """The name that was typed, which a directory may know better."""
    made_at: int
    seen_at: int
    password: str
    """The digest of the user's password's hash, at the log-in."""
    password_now: str | None
    """The same as it is now; None when there is no such user."""


def create(engine: Engine) -> None:
    """Make the table unless it exists.

    Raises:
        DatabaseError: that is not allowed; it says what to do instead.
    """
    made_once(engine, _table(), instead="set sessions.enabled to false")


def clear(database: Database) -> None:
    """End all sessions of a database that was restored: what was ended since the backup must not come back."""
    from sqlalchemy import inspect

    engine = database.engine()
    if inspect(engine).has_table(NAME):
        with engine.begin() as connection:
            connection.execute(_table().delete())


def add(engine: Engine, hashed: str, username: str, now: int, *, login: str, address: str, browser: str) -> bool:
    """Keep a new session of a user; whether there is such a user."""
    from sqlalchemy import insert

    with engine.begin() as connection:
        found = _password(connection, username)
        if found is None:
            return False
        _end_oldest(connection, username)
        connection.execute(
            insert(_table()).values(
                hash=hashed,
                username=username,
                login=login,
                made_at=now,
                seen_at=now,
                password=found,
                address=address[:64],
                browser=browser[:LONGEST_BROWSER],
            )
        )
    return True


def find(engine: Engine, hashed: str) -> Session | None:
    """Find a session by the hash of its id, with what tells whether its user is still the same."""
    from sqlalchemy import select

    table = _table()
    columns = (table.c.username, table.c.login, table.c.made_at, table.c.seen_at, table.c.password)
    with engine.connect() as connection:
        row = connection.execute(select(*columns).where(table.c.hash == hashed)).first()
        if row is None:
            return None
        return Session(*row, password_now=_password(connection, row.username))


def seen(engine: Engine, hashed: str, now: int) -> None:
    """Keep that a session was used now."""
    from sqlalchemy import update

    table = _table()
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.hash == hashed).values(seen_at=now))


class Ended(NamedTuple):
    """A session that has ended."""

    username: str
    login: str


def remove(engine: Engine, hashed: str) -> Ended | None:
    """End a session, and tell whose it was, and with which log-in it began."""
    from sqlalchemy import delete, select

    table = _table()
    with engine.begin() as connection:
        row = connection.execute(select(table.c.username, table.c.login).where(table.c.hash == hashed)).first()
        connection.execute(delete(table).where(table.c.hash == hashed))
    return None if row is None else Ended(*row)


def remove_ended(engine: Engine, *, made_before: int, seen_before: int) -> None:
    """Remove sessions that are too old, or were not used for too long."""
    from sqlalchemy import delete

    table = _table()
    with engine.begin() as connection:
        connection.execute(delete(table).where((table.c.made_at < made_before) | (table.c.seen_at < seen_before)))


def _end_oldest(connection: Connection, username: str) -> None:
    from sqlalchemy import delete, select

    table = _table()
    by_use = select(table.c.hash).where(table.c.username == username).order_by(table.c.seen_at.desc())
    if too_many := connection.execute(by_use.offset(MOST - 1)).scalars().all():
        connection.execute(delete(table).where(table.c.hash.in_(too_many)))


def _password(connection: Connection, username: str) -> str | None:
    found = connection.execute(of_user(HASH, username)).scalar()
    return None if found is None else hashing.hashed(str(found))


@cache
def _table() -> Table:
    from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table

    return Table(
        NAME,
        MetaData(),
        Column("hash", String(64), primary_key=True),
        Column("username", String(255), nullable=False),
        Column("login", String(255), nullable=False),
        Column("made_at", BigInteger, nullable=False),
        Column("seen_at", BigInteger, nullable=False),
        Column("password", String(64), nullable=False),
        Column("address", String(64), nullable=False),
        Column("browser", String(LONGEST_BROWSER), nullable=False),
        Index("flowship_sessions_username", "username"),
    )
