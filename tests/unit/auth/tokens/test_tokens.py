from __future__ import annotations

import asyncio
import base64
import math
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, text

from flowship.auth.authenticator import (
    Credentials,
    Forbidden,
    Identity,
    Outcome,
    Readmission,
    Unavailable,
    Verified,
    Wrong,
)
from flowship.auth.disabled import SENTENCE
from flowship.auth.gate.shown_secret import ShownSecret, like
from flowship.auth.generations import Generations
from flowship.auth.in_mlflow.ending_tokens import EndingTokens
from flowship.auth.memory.looking_up import Lasting, LookUpAuthenticator
from flowship.auth.terminals import requests
from flowship.auth.tokens import tokens
from flowship.auth.tokens.tokens import DAY, SHAPE, TokenError, TokenLookUp
from flowship.database.own_tables import terminal_requests, tokens_table
from flowship.database.own_tables.hashing import hashed
from tests.unit.in_memory import execute, in_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.auth.clock import Clock


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A database of users, with ann and bob."""
    with in_memory() as engine:
        EndingTokens(Store(engine)).delete_user("ann")  # where there are no tables
        tokens_table.create(engine)
        tokens_table.create(engine)  # which is nothing new
        execute(engine, "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT)")
        execute(engine, "INSERT INTO users (username) VALUES ('ann'), ('bob')")
        yield engine


class Store:
    """MLflow's store of users, as far as what ends tokens calls it: it knows bob."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def has_user(self, name: str) -> bool:
        return name == "bob"

    def create_user(self, name: str, password: str) -> None: ...

    def delete_user(self, name: str) -> None: ...


def made(engine: Engine, clock: Clock, user: str = "ann", by: str = "ann", **more: Any) -> str:
    wanted = {"days": 1, "read_only": False, "login": "Ann@example.com" if user == by else "", **more}
    return tokens.make(engine, user, "CI", made_by=by, now=clock.now, **wanted)[0]


def asked(
    engine: Engine, clock: Clock, token: str, name: str = "", ask: Callable[[str], Outcome] | None = None
) -> Lasting | Outcome:
    readmission = Readmission(ask) if ask else None
    return TokenLookUp(lambda: engine, readmission, clock, lambda name: name == "off")(Credentials(name, token))


def identity(found: Lasting | Outcome) -> Identity:
    assert isinstance(found, Lasting)
    return found.outcome.identity


def test_a_token_is_its_users_until_its_end(engine: Engine, clock: Clock) -> None:
    token = made(engine, clock)

    assert asked(engine, clock, token) == Lasting(Verified(Identity("ann", by_token=True)), DAY)
    clock.now += DAY
    assert asked(engine, clock, token) == Wrong()


def test_one_without_an_end_lasts(engine: Engine, clock: Clock) -> None:
    found = asked(engine, clock, made(engine, clock, days=None))

    assert isinstance(found, Lasting)
    assert found.seconds == math.inf


def test_one_that_only_reads_says_so(engine: Engine, clock: Clock) -> None:
    assert identity(asked(engine, clock, made(engine, clock, read_only=True))).read_only


def test_it_counts_for_no_other_name(engine: Engine, clock: Clock) -> None:
    token = made(engine, clock)

    assert isinstance(asked(engine, clock, token, "ann"), Lasting)
    assert asked(engine, clock, token, "bob") == Wrong()


def test_the_database_holds_only_a_hash(engine: Engine, clock: Clock) -> None:
    token = made(engine, clock)

    with engine.connect() as connection:
        kept = str(connection.execute(text("SELECT * FROM flowship_tokens")).fetchall())
    assert token not in kept
    assert hashed(token) in kept
    assert SHAPE.fullmatch(token)


def test_its_last_use_is_written_seldom(engine: Engine, clock: Clock) -> None:
    token = made(engine, clock)
    times = []
    for _ in range(4):
        asked(engine, clock, token)
        times.append(tokens_table.of(engine, "ann")[0].used_at)
        clock.now += 300

    assert times == [1000, 1000, 1600, 1600]


def test_a_revoked_one_is_nobodys(engine: Engine, clock: Clock) -> None:
    token = made(engine, clock)
    (kept,) = tokens_table.of(engine, "ann")

    assert tokens_table.remove(engine, kept.id, "bob") is None
    assert isinstance(asked(engine, clock, token), Lasting)
    assert tokens_table.remove(engine, kept.id, "ann") is not None
    assert asked(engine, clock, token) == Wrong()


def test_it_ends_with_its_user_and_is_not_the_next_ones(engine: Engine, clock: Clock) -> None:
    token = made(engine, clock)
    execute(engine, "DELETE FROM users WHERE username = 'ann'")
    assert asked(engine, clock, token) == Wrong()
    execute(engine, "INSERT INTO users (username) VALUES ('ann')")
    assert asked(engine, clock, token) == Wrong()


def test_mlflows_store_ends_them_even_where_a_number_is_used_again(engine: Engine, clock: Clock) -> None:
    store = Store(engine)
    first, second = made(engine, clock), made(engine, clock, "bob", "bob")

    EndingTokens(store).create_user("ann", "x")
    assert (type(asked(engine, clock, first)), type(asked(engine, clock, second))) == (Wrong, Lasting)
    EndingTokens(store).create_user("bob", "x")
    assert isinstance(asked(engine, clock, second), Lasting), "a user who is there loses none"
    EndingTokens(store).delete_user("bob")
    assert asked(engine, clock, second) == Wrong()


def test_a_terminal_that_a_user_let_in_ends_with_the_user(engine: Engine) -> None:
    terminal_requests.create(engine)
    begun = requests.begin(engine, "192.0.2.1", "", read_only=False, now=0)
    assert begun
    assert terminal_requests.answer(engine, begun.code, "ann", "ann", 0, allowed=True)

    EndingTokens(Store(engine)).delete_user("ann")
    assert requests.fetch(engine, begun.secret, 0) == requests.GONE


def test_who_is_disabled_is_told(engine: Engine, clock: Clock) -> None:
    execute(engine, "INSERT INTO users (username) VALUES ('off')")

    assert asked(engine, clock, made(engine, clock, "off", "off")) == Forbidden(SENTENCE)


def test_a_directory_is_asked_about_who_made_one_and_not_about_service_users(engine: Engine, clock: Clock) -> None:
    own, service = made(engine, clock), made(engine, clock, by="admin")
    gone: Callable[[str], Outcome] = lambda name: Forbidden("in no group")  # noqa: E731

    assert asked(engine, clock, own, ask=gone) == Forbidden("in no group")
    assert isinstance(asked(engine, clock, service, ask=gone), Lasting)
    assert asked(engine, clock, own, ask=lambda name: Verified(Identity("bob"))) == Wrong()
    names: list[str] = []

    def ask(name: str) -> Outcome:
        names.append(name)
        return Verified(Identity("ann", is_admin=True))

    assert identity(asked(engine, clock, own, ask=ask)) == Identity("ann", is_admin=True, by_token=True)
    assert names == ["Ann@example.com"], "it is asked by the name that was typed"


@pytest.mark.parametrize("more", [{"days": 0}, {"days": 4000}, {"user": "eve"}])
def test_what_cannot_be_is_not_made(engine: Engine, clock: Clock, more: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        made(engine, clock, **more)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x1b[2J"])
def test_a_token_has_a_name_for_people(engine: Engine, name: str) -> None:
    with pytest.raises(TokenError, match="needs a name"):
        tokens.make(engine, "ann", name, days=1, read_only=True, made_by="ann")


def test_nobody_fills_the_table(engine: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 2)
    made(engine, clock)
    made(engine, clock)

    with pytest.raises(TokenError, match="Revoke one"):
        made(engine, clock)
    made(engine, clock, "bob", "bob")


def test_a_database_that_is_away_is_told_apart(clock: Clock) -> None:
    with in_memory() as without_tables:
        assert isinstance(asked(without_tables, clock, "x"), Unavailable)


class TestClaims:
    TOKEN = "flowship_" + "q" * 43

    def claim(self, *headers: tuple[str, str], path: str = "/") -> Any:
        sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
        claim = ShownSecret()({"path": path, "headers": sent})
        return claim if claim and like(SHAPE.fullmatch)(claim) else None

    def test_it_is_a_bearer_or_in_the_place_of_a_password(self) -> None:
        basic = base64.b64encode(f"ann:{self.TOKEN}".encode()).decode()

        assert self.claim(("authorization", f"Bearer {self.TOKEN}")).credentials == Credentials("", self.TOKEN)
        assert self.claim(("Authorization", f"bearer {self.TOKEN}")).credentials == Credentials("", self.TOKEN)
        assert self.claim(("authorization", f"Basic {basic}")).credentials == Credentials("ann", self.TOKEN)

    @pytest.mark.parametrize(
        "value", ["Bearer", "Bearer x", "Bearer sk-of-a-provider", "Basic YW5uOng=", "Token x", "", "Bearer \xff"]
    )
    def test_what_has_another_shape_is_for_others(self, value: str) -> None:
        assert self.claim(("authorization", value)) is None

    def test_a_token_in_an_address_or_a_cookie_is_none(self) -> None:
        assert self.claim(("cookie", f"token={self.TOKEN}")) is None
        assert self.claim(path=f"/?access_token={self.TOKEN}") is None

    def test_of_two_headers_neither_counts(self) -> None:
        assert self.claim(("authorization", f"Bearer {self.TOKEN}"), ("authorization", "Bearer x")) is None


class TestRemembering:
    def test_a_right_one_is_looked_up_once_and_wrong_ones_hold_it_up_in_no_lane(self) -> None:
        looked_up: list[str] = []

        def look_up(credentials: Credentials) -> Lasting | Outcome:
            looked_up.append(credentials.password)
            return Lasting(Verified(Identity("ann")), 600) if credentials.password == "right" else Wrong()

        authenticator = LookUpAuthenticator(look_up, 60, Generations(), name="test")

        async def many() -> list[Outcome]:
            right = Credentials("", "right")
            first = await authenticator.authenticate(right, "")
            wrong = [authenticator.authenticate(Credentials("", f"wrong {number}"), "") for number in range(1_000)]
            others = asyncio.gather(*wrong)
            known = authenticator.remembered(right)
            outcomes = await others
            return [first, *([Verified(known)] if known else []), *outcomes]

        first, known, *others = asyncio.run(many())

        assert first == known == Verified(Identity("ann"))
        assert looked_up.count("right") == 1
        assert {type(each) for each in others} == {Wrong, Unavailable}, (
            "those that do not fit must not be taken for right"
        )
