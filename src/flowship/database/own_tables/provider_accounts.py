"""Whose name in MLflow is which user's at a provider, and what is known of that user, in the users' database.

A name belongs to the pair of issuer and subject that came with it first, and is no one else's, whatever the provider
calls them later. It is free again once an admin has deleted the user in MLflow.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any

from flowship.database.own_tables.hashing import hashed
from flowship.database.own_tables.making import WITHOUT_PROVIDER, made_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine, Table

NAME = "flowship_provider_accounts"


@dataclass(frozen=True)
class Kept:
    """A user at a provider, as this server knows the user. Times are seconds since 1970."""

    id: str
    issuer: str
    subject: str
    username: str
    sealed: str = field(repr=False)
    """What the provider gave to ask again with, encrypted; empty for nothing."""
    checked_at: int
    """When the provider was asked last; 0 when it must be asked by a log-in."""
    in_vain: bool
    """Whether the provider did not answer when it was asked last."""
    refusal: str
    """Why the user may not come in any more; empty for who may."""


def account_id(issuer: str, subject: str) -> str:
    """Give the key of an account: of one length, and compared letter by letter in every database."""
    return hashed(f"{issuer}\0{subject}")


def claim(engine: Engine, issuer: str, subject: str, wanted: str, is_free: Callable[[str], bool]) -> Kept | None:
    """Give the account of a user, with the name that it has had since its first log-in, or with the one that is wanted
    now; None when that is somebody else's. `is_free` tells whether MLflow knows nobody of this name.
    """
    from sqlalchemy import insert
    from sqlalchemy.exc import IntegrityError

    key = account_id(issuer, subject)
    if found := find(engine, key):
        return found
    holder = _holder(engine, wanted)
    if holder is not None:
        if not is_free(wanted):
            return None
        _remove(engine, holder)
    # Another log-in may be first, of this user or of one with the same name.
    with suppress(IntegrityError), engine.begin() as connection:
        connection.execute(
            insert(_table()).values(
                id=key,
                issuer=issuer,
                subject=subject,
                username=wanted,
                name_key=hashed(wanted),
                sealed="",
                checked_at=0,
                asking_until=0,
                in_vain=False,
                refusal="",
            )
        )
    return find(engine, key)


def find(engine: Engine, key: str) -> Kept | None:
    """Find an account by its key."""
    from sqlalchemy import select

    table = _table()
    columns = (table.c[each.name] for each in fields(Kept))
    with engine.connect() as connection:
        row = connection.execute(select(*columns).where(table.c.id == key)).first()
    return None if row is None else Kept(**row._mapping)


def has(engine: Engine, username: str) -> bool:
    """Tell whether a name is that of a user at a provider."""
    return _holder(engine, username) is not None


def replaced(engine: Engine, key: str, sealed: str) -> None:
    """Keep what the provider gave in place of what was kept, whatever it says of the user."""
    _change(engine, key, sealed=sealed)


def admitted(engine: Engine, key: str, sealed: str, now: int) -> None:
    """Keep that the provider was asked, and has let the user in."""
    _change(engine, key, sealed=sealed, checked_at=now, asking_until=0, in_vain=False, refusal="")


def turned_away(engine: Engine, key: str, sentence: str) -> None:
    """Keep that the user may not come in, and why, or without a reason, that the user must log in again; what the
    provider gave is forgotten."""
    _change(engine, key, sealed="", checked_at=0, asking_until=0, in_vain=False, refusal=sentence)


def asked_in_vain(engine: Engine, key: str, until: int) -> None:
    """Keep that the provider did not answer, so that it need not be asked again until then."""
    _change(engine, key, asking_until=until, in_vain=True)


def begin_to_ask(engine: Engine, key: str, now: int, until: int) -> bool:
    """Tell whether it is for the caller to ask the provider; of many that would, one is told so."""
    from sqlalchemy import update

    table = _table()
    turn = (
        update(table)
        .where((table.c.id == key) & (table.c.asking_until <= now))
        .values(asking_until=until, in_vain=False)
    )
    with engine.begin() as connection:
        return bool(connection.execute(turn).rowcount)


def _holder(engine: Engine, username: str) -> str | None:
    from sqlalchemy import select

    table = _table()
    with engine.connect() as connection:
        found = connection.execute(select(table.c.id).where(table.c.name_key == hashed(username))).scalar()
    return None if found is None else str(found)


def _remove(engine: Engine, key: str) -> None:
    table = _table()
    with engine.begin() as connection:
        connection.execute(table.delete().where(table.c.id == key))


def _change(engine: Engine, key: str, **values: Any) -> None:
    from sqlalchemy import update

    table = _table()
    with engine.begin() as connection:
        connection.execute(update(table).where(table.c.id == key).values(**values))


def create(engine: Engine) -> None:
    """Make the table unless it exists. Raises DatabaseError."""
    made_once(engine, _table(), instead=WITHOUT_PROVIDER)


@cache
def _table() -> Table:
    from sqlalchemy import BigInteger, Boolean, Column, MetaData, String, Table, Text

    return Table(
        NAME,
        MetaData(),
        Column("id", String(64), primary_key=True),
        Column("issuer", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("username", String(255), nullable=False),
        Column("name_key", String(64), nullable=False, unique=True),
        Column("sealed", Text, nullable=False),
        Column("checked_at", BigInteger, nullable=False),
        Column("asking_until", BigInteger, nullable=False),
        Column("in_vain", Boolean, nullable=False),
        Column("refusal", Text, nullable=False),
    )
