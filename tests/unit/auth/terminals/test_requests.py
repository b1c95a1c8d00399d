from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text

from flowship.auth.terminals import requests
from flowship.auth.terminals.requests import GONE, LENGTH, LETTERS, NOT_MADE, REFUSED, WAITING, Made
from flowship.database.own_tables import terminal_requests, tokens_table
from flowship.database.own_tables.hashing import hashed
from flowship.database.own_tables.terminal_requests import FROM_A_NETWORK, LASTS
from tests.unit.in_memory import execute, in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1000


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A database of users, with ann."""
    with in_memory() as engine:
        tokens_table.create(engine)
        terminal_requests.create(engine)
        terminal_requests.create(engine)  # which is nothing new
        execute(engine, "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT)")
        execute(engine, "INSERT INTO users (username) VALUES ('ann')")
        yield engine


def begun(engine: Engine, *, read_only: bool = False, program: str = "flowship on laptop") -> requests.Begun:
    found = requests.begin(engine, "192.0.2.1", program, read_only=read_only, now=NOW)
    assert found is not None
    return found


def allow(engine: Engine, code: str, now: int = NOW, *, allowed: bool = True, user: str = "ann") -> bool:
    return terminal_requests.answer(engine, code, user, "Ann@example.com", now, allowed=allowed)


def test_a_terminal_gets_a_token_of_who_let_it_in_once(engine: Engine) -> None:
    secret, code = begun(engine, read_only=True)
    assert requests.fetch(engine, secret, NOW) == WAITING
    assert allow(engine, code)

    made = requests.fetch(engine, secret, NOW)

    assert isinstance(made, Made)
    assert (made.token.username, made.token.login, made.token.read_only) == ("ann", "Ann@example.com", True)
    assert made.token.name == "flowship login, flowship on laptop"
    assert made.token.expires_at == NOW + requests.DAYS * 86_400
    assert tokens_table.find(engine, hashed(made.text)) == made.token
    assert requests.fetch(engine, secret, NOW) == GONE


def test_an_answer_counts_once_and_the_first(engine: Engine) -> None:
    secret, code = begun(engine)

    assert allow(engine, code, allowed=False)
    assert not allow(engine, code)
    assert not allow(engine, code, user="bob")
    assert terminal_requests.waiting(engine, code, NOW) is None
    assert requests.fetch(engine, secret, NOW) == REFUSED
    assert requests.fetch(engine, secret, NOW) == GONE


def test_what_is_too_old_is_nothing_any_more(engine: Engine) -> None:
    secret, code = begun(engine)
    answered, _ = second = begun(engine)
    allow(engine, second.code)

    assert not allow(engine, code, NOW + LASTS)
    assert terminal_requests.waiting(engine, code, NOW + LASTS) is None
    assert requests.fetch(engine, secret, NOW + LASTS) == GONE
    assert requests.fetch(engine, answered, NOW + LASTS) == GONE


def test_neither_a_code_nor_another_secret_fetches_anything(engine: Engine) -> None:
    secret, code = begun(engine)
    allow(engine, code)

    for wrong in ("", code, requests.shown(code), secret[:-1], secret.swapcase()):
        assert requests.fetch(engine, wrong, NOW) == GONE
    with engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM flowship_terminal_requests")).fetchall())
    assert secret not in kept
    assert code not in kept


def test_a_user_who_is_gone_gets_none(engine: Engine) -> None:
    secret, code = begun(engine)
    allow(engine, code, user="nobody")

    assert requests.fetch(engine, secret, NOW) == NOT_MADE


def test_an_address_cannot_fill_the_table(engine: Engine) -> None:
    for _ in range(FROM_A_NETWORK):
        begun(engine)

    assert requests.begin(engine, "192.0.2.1", "", read_only=True, now=NOW) is None
    assert requests.begin(engine, "192.0.2.2", "", read_only=True, now=NOW) is not None
    assert requests.begin(engine, "192.0.2.1", "", read_only=True, now=NOW + LASTS) is not None


def test_nor_can_a_network_of_which_one_person_has_all_addresses(engine: Engine) -> None:
    for number in range(FROM_A_NETWORK):
        assert requests.begin(engine, f"2001:db8:0:1::{number:x}", "", read_only=True, now=NOW)

    assert requests.begin(engine, "2001:db8:0:1:ffff::1", "", read_only=True, now=NOW) is None
    assert requests.begin(engine, "2001:db8:0:2::1", "", read_only=True, now=NOW) is not None


def test_all_together_cannot_either(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_requests, "FROM_ALL", 2)
    for number in range(2):
        assert requests.begin(engine, f"192.0.2.{number}", "", read_only=True, now=NOW)

    assert requests.begin(engine, "192.0.2.9", "", read_only=True, now=NOW) is None


def test_what_a_user_let_in_ends_with_the_user(engine: Engine) -> None:
    """Or the next user of the name would give it a token."""
    secret, code = begun(engine)
    waiting, _ = begun(engine)
    allow(engine, code)
    terminal_requests.forget_user(engine, "ann")

    assert requests.fetch(engine, secret, NOW) == GONE
    assert requests.fetch(engine, waiting, NOW) == WAITING


def test_codes_are_typed_as_people_do(engine: Engine) -> None:
    code = begun(engine).code

    assert len(code) == LENGTH
    assert set(code) <= set(LETTERS)
    for typed in (code, requests.shown(code), f" {requests.shown(code).lower()} ", " ".join(code)):
        assert requests.code_of(typed) == code
    assert requests.code_of(code + "BB") != code
    assert len(requests.code_of("B" * 10_000)) == LENGTH + 1


def test_what_a_terminal_says_of_itself_is_one_short_line(engine: Engine) -> None:
    code = begun(engine, program="evil\n\x1b[31m\u202e" + "x" * 500).code
    asking = terminal_requests.waiting(engine, code, NOW)

    assert asking is not None
    assert asking.program == "evil[31m" + "x" * 92


def test_a_terminal_ends_its_own_token(engine: Engine) -> None:
    secret, code = begun(engine)
    allow(engine, code)
    made = requests.fetch(engine, secret, NOW)
    assert isinstance(made, Made)

    assert requests.end(engine, made.text) == made.token
    assert requests.end(engine, made.text) is None
    assert tokens_table.of(engine) == []
