"""What a terminal asks, and what it is told. Each function asks the database: call it in a thread."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, NamedTuple

from flowship.auth.requests import network_of
from flowship.auth.tokens import tokens
from flowship.database.own_tables import terminal_requests, tokens_table
from flowship.database.own_tables.hashing import hashed
from flowship.database.own_tables.terminal_requests import LONGEST_PROGRAM, Asking, Waiting

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.database.own_tables.tokens_table import Token

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Of codes: none that are taken for others, and none that make words."""
LENGTH = 8
DAYS = 30
"""For which such a token lasts."""
EVERY = 3
"""Seconds between two questions of a terminal whether it was let in."""


class Begun(NamedTuple):
    """A request that has begun: what the terminal keeps to itself, and what it shows."""

    secret: str
    code: str


class Made(NamedTuple):
    """A token that was made for a terminal."""

    text: str
    token: Token


WAITING, GONE, REFUSED, NOT_MADE = "waiting", "gone", "refused", "not made"
"""Why a terminal has no token: nobody has answered; there is no such request, or not any more; the person said no; the
user has too many, or is gone."""


def begin(engine: Engine, address: str, program: str, *, read_only: bool, now: float | None = None) -> Begun | None:
    """Begin a request; None while too many wait."""
    begun = Begun(secrets.token_urlsafe(32), "".join(secrets.choice(LETTERS) for _ in range(LENGTH)))
    asking = Asking(address, printable(program), read_only)
    return begun if terminal_requests.add(engine, *begun, asking, network_of(address), _seconds(now)) else None


def fetch(engine: Engine, secret: str, now: float | None = None) -> Made | str:
    """Give the token of a terminal that somebody has let in, once; or why there is none."""
    at = _seconds(now)
    found = terminal_requests.take(engine, secret, at)
    if found is None:
        return GONE
    if isinstance(found, Waiting):
        return WAITING
    if not found.allowed:
        return REFUSED
    try:
        return Made(
            *tokens.make(
                engine,
                found.username,
                f"flowship login, {found.asking.program or 'a terminal'}"[: tokens_table.LONGEST_NAME],
                days=DAYS,
                read_only=found.asking.read_only,
                made_by=found.username,
                login=found.login,
                now=at,
            )
        )
    except tokens.TokenError:
        return NOT_MADE


def end(engine: Engine, token: str) -> Token | None:
    """Revoke a token, which whoever has it may; None if there is no such one."""
    found = tokens_table.find(engine, hashed(token))
    return None if found is None else tokens_table.remove(engine, found.id, found.username)


def code_of(typed: str) -> str:
    """Give a code as it is kept, however it was typed."""
    return "".join(letter for letter in typed.upper() if letter in LETTERS)[: LENGTH + 1]


def shown(code: str) -> str:
    """Write a code so that people can compare it."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def printable(text: str) -> str:
    """Give what a terminal says of itself in one line of letters."""
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST_PROGRAM].strip()


def _seconds(now: float | None) -> int:
    return int(time.time() if now is None else now)
