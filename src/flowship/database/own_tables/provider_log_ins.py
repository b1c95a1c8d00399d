"""Log-ins that were begun at a provider and have not come back, in the users' database: any replica can finish one, and
only once.

What a browser holds of a log-in is here as a hash, so that nobody who reads the table can finish one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from flowship.database.own_tables.hashing import hashed
from flowship.database.own_tables.making import WITHOUT_PROVIDER, made_once

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

NAME = "flowship_provider_log_ins"

LASTS = 600
"""Seconds that a user has for signing in at the provider."""


MOST = 10_000
"""Log-ins that are kept. Beyond that those go that began first: somebody who begins them in masses, from many networks,
keeps out whoever takes longer at the provider than that, and not everybody."""


class Begun(NamedTuple):
    """A log-in that was begun."""

    nonce: str
    verifier: str
    back: str
    """Where the browser goes afterwards, a path of this server's."""


def add(engine: Engine, state: str, browser: str, begun: Begun, now: int) -> None:
    """Keep a log-in that begins now, and forget those that nobody finished."""
    from sqlalchemy import select

    table = _table()
    row = {"state": hashed(state), "browser": hashed(browser), "expires_at": now + LASTS, **begun._asdict()}
    with engine.begin() as connection:
        by_age = select(table.c.expires_at).order_by(table.c.expires_at.desc())
        too_old = connection.execute(by_age.limit(1).offset(MOST - 1)).scalar() or 0
        connection.execute(table.delete().where(table.c.expires_at <= max(now, too_old)))
        connection.execute(table.insert().values(row))


def take(engine: Engine, state: str, browser: str, now: int) -> Begun | None:
    """Give a log-in of this browser, which is forgotten by that; None if there is none, or not any more."""
    from sqlalchemy import select

    table = _table()
    this = table.c.state == hashed(state)
    columns = (table.c.nonce, table.c.verifier, table.c.back, table.c.browser, table.c.expires_at)
    with engine.begin() as connection:
        row = connection.execute(select(*columns).where(this)).first()
        if row is None or not connection.execute(table.delete().where(this)).rowcount:  # or another request was first
            return None
    is_right = row.browser == hashed(browser) and now < row.expires_at
    return Begun(row.nonce, row.verifier, row.back) if is_right else None


def create(engine: Engine) -> None:
    """Make the table unless it exists. Raises DatabaseError."""
    made_once(engine, _table(), instead=WITHOUT_PROVIDER)


@cache
def _table() -> Table:
    from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table, Text

    return Table(
        NAME,
        MetaData(),
        Column("state", String(64), primary_key=True),
        Column("browser", String(64), nullable=False),
        Column("nonce", String(64), nullable=False),
        Column("verifier", String(64), nullable=False),
        Column("back", Text, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Index("flowship_provider_log_ins_expires_at", "expires_at"),
    )
