"""Terminals that wait until somebody lets them in, in the users' database: any replica can be asked, and a request is
answered once, and fetched once.

A row holds hashes of what the terminal keeps and of the code that it shows: who reads the table can fetch no token.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from flowship.database.own_tables.hashing import hashed
from flowship.database.own_tables.making import made_once

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine, Row, Table

NAME = "flowship_terminal_requests"

LASTS = 600
"""Seconds that somebody has for letting a terminal in."""
FROM_A_NETWORK, FROM_ALL = 50, 5_000
"""Requests that may wait at once."""
LONGEST_PROGRAM = 100
"""Characters that are kept of what a terminal says of itself."""


@dataclass(frozen=True)
class Asking:
    """A terminal that asks to be let in."""

    address: str
    program: str
    """What it says of itself, which may be a lie."""
    read_only: bool


@dataclass(frozen=True)
class Answered:
    """A request that somebody has answered."""

    asking: Asking
    allowed: bool
    username: str
    login: str
    """The name by which the user had signed in."""


@dataclass(frozen=True)
class Waiting:
    """A request that nobody has answered."""


def add(engine: Engine, secret: str, code: str, asking: Asking, network: str, now: int) -> bool:
    """Keep a request that begins now, and forget those whose time is over; whether there was room for it among those of
    its network, of which one person may have all addresses."""
    from sqlalchemy import func, select

    table = _table()
    with engine.begin() as connection:
        connection.execute(table.delete().where(table.c.expires_at <= now))
        count = select(func.count()).select_from(table)
        near = connection.execute(count.where(table.c.network == network)).scalar() or 0
        if near >= FROM_A_NETWORK or (connection.execute(count).scalar() or 0) >= FROM_ALL:
            return False
        connection.execute(
            table.insert().values(
                secret=hashed(secret),
                code=hashed(code),
                address=asking.address,
                network=network,
                program=asking.program,
                read_only=int(asking.read_only),
                username="",
                login="",
                allowed=0,
                expires_at=now + LASTS,
            )
        )
    return True


def waiting(engine: Engine, code: str, now: int) -> Asking | None:
    """Find the terminal that shows a code and waits."""
    table = _table()
    with engine.connect() as connection:
        row = connection.execute(table.select().where(_unanswered(table, code, now))).first()
    return None if row is None else _asking(row)


def answer(engine: Engine, code: str, username: str, login: str, now: int, *, allowed: bool) -> bool:
    """Keep a user's answer to the terminal that shows a code; whether it was still waiting."""
    table = _table()
    with engine.begin() as connection:
        said = table.update().where(_unanswered(table, code, now))
        done = connection.execute(said.values(username=username, login=login, allowed=int(allowed)))
    return bool(done.rowcount)


def take(engine: Engine, secret: str, now: int) -> Answered | Waiting | None:
    """Give the answer to a terminal's request, which is forgotten by that, or that nobody has answered yet; None where
    there is no such request, or not any more."""
    table = _table()
    this = (table.c.secret == hashed(secret)) & (table.c.expires_at > now)
    with engine.begin() as connection:
        row = connection.execute(table.select().where(this)).first()
        if row is not None and not row.username:
            return Waiting()
        if row is None or not connection.execute(table.delete().where(this)).rowcount:  # or another was first
            return None
    return Answered(_asking(row), bool(row.allowed), row.username, row.login)


def forget_user(engine: Engine, username: str) -> None:
    """Forget what a user has let in who is deleted, or of whom there is a new one of the name."""
    from sqlalchemy import inspect

    if inspect(engine).has_table(NAME):
        table = _table()
        with engine.begin() as connection:
            connection.execute(table.delete().where(table.c.username == username))


def _asking(row: Row[tuple[object, ...]]) -> Asking:
    return Asking(row.address, row.program, bool(row.read_only))


def _unanswered(table: Table, code: str, now: int) -> ColumnElement[bool]:
    return (table.c.code == hashed(code)) & (table.c.username == "") & (table.c.expires_at > now)


def create(engine: Engine) -> None:
    """Make the table unless it exists. Raises DatabaseError."""
    made_once(engine, _table(), instead="set tokens.enabled to false")


@cache
def _table() -> Table:
    from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table

    return Table(
        NAME,
        MetaData(),
        Column("secret", String(64), primary_key=True),
        Column("code", String(64), nullable=False),
        Column("address", String(64), nullable=False),
        Column("network", String(64), nullable=False),
        Column("program", String(LONGEST_PROGRAM), nullable=False),
        Column("read_only", Integer, nullable=False),
        Column("username", String(255), nullable=False),
        Column("login", String(255), nullable=False),
        Column("allowed", Integer, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Index("flowship_terminal_requests_code", "code", unique=True),
        Index("flowship_terminal_requests_network", "network"),
        Index("flowship_terminal_requests_expires_at", "expires_at"),
    )
