from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text

from flowship.auth.authenticator import Forbidden, Identity, Outcome, Readmission, Unavailable, Verified, Wrong
from flowship.auth.disabled import SENTENCE
from flowship.auth.memory.looking_up import Lasting
from flowship.auth.sessions.claims import credentials_of
from flowship.auth.sessions.limits import Limits
from flowship.auth.sessions.sessions import Sessions
from flowship.database.database import Database
from flowship.database.own_tables import sessions_table
from flowship.database.own_tables.hashing import hashed
from flowship.database.part import Part
from flowship.database.url import sqlite_url
from tests.unit.in_memory import execute, in_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from pathlib import Path

    from tests.unit.auth.clock import Clock

HOUR = 3_600


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A database of users, with ann and bob."""
    with in_memory() as engine:
        sessions_table.create(engine)
        sessions_table.create(engine)  # which is nothing new
        execute(engine, "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT)")
        execute(engine, "INSERT INTO users (username, password_hash) VALUES ('ann', 'hash'), ('bob', 'hash')")
        yield engine


def made(
    engine: Engine,
    clock: Clock,
    ask: Callable[[str], Outcome] | None = None,
    grace: float = 0.0,
    disabled: Collection[str] = (),
) -> Sessions:
    """Sessions for which the directory is asked, if there is one, and in which those who are disabled may not be."""
    readmission = Readmission(ask, lambda login: grace if login == "Ann" else 0.0) if ask else None
    return Sessions(lambda: engine, Limits(idle=HOUR, lifetime=10 * HOUR), readmission, clock, disabled.__contains__)


def begun(sessions: Sessions, username: str = "ann", login: str = "Ann") -> str:
    found = sessions.begin(username, login, address="192.0.2.1", browser="Browser")
    assert found is not None
    return found


def asked(sessions: Sessions, session: str) -> Lasting | Outcome:
    return sessions.look_up(credentials_of(session))


def identity_of(found: Lasting | Outcome) -> Identity:
    assert isinstance(found, Lasting)
    return found.outcome.identity


def test_a_session_is_its_users_and_lasts_as_long_as_the_limits_say(engine: Engine, clock: Clock) -> None:
    sessions = made(engine, clock)

    assert asked(sessions, begun(sessions)) == Lasting(Verified(Identity("ann")), HOUR)


def test_the_database_holds_only_a_hash_and_who_from_where(engine: Engine, clock: Clock) -> None:
    session = begun(made(engine, clock))

    with engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM flowship_sessions")).mappings()
    assert session not in str(row)
    assert "hash" not in {row["password"], row["browser"]}
    assert (row["username"], row["login"], row["address"], row["browser"]) == ("ann", "Ann", "192.0.2.1", "Browser")


def test_it_ends_when_it_is_not_used(engine: Engine, clock: Clock) -> None:
    sessions = made(engine, clock)
    session = begun(sessions)

    for _ in range(5):
        clock.now += HOUR - 1
        assert isinstance(asked(sessions, session), Lasting)
    clock.now += HOUR
    assert asked(sessions, session) == Wrong()


def test_it_ends_however_much_it_is_used(engine: Engine, clock: Clock) -> None:
    sessions = made(engine, clock)
    session = begun(sessions)

    for _ in range(9):
        clock.now += HOUR - 1
        asked(sessions, session)
    clock.now += HOUR - 1
    assert asked(sessions, session) == Lasting(Verified(Identity("ann")), 10)
    clock.now += 10
    assert asked(sessions, session) == Wrong()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET password_hash = 'another'",
        "DELETE FROM users",
        "UPDATE users SET username = 'eve' WHERE username = 'ann'",
        "UPDATE users SET password_hash = NULL",
    ],
)
def test_it_ends_with_the_password_or_the_user_whoever_changes_them(engine: Engine, clock: Clock, change: str) -> None:
    sessions = made(engine, clock)
    session = begun(sessions)
    execute(engine, change)

    assert asked(sessions, session) == Wrong()
    execute(engine, "DELETE FROM users")
    execute(engine, "INSERT INTO users (username, password_hash) VALUES ('ann', 'hash')")
    assert asked(sessions, session) == Wrong(), "it comes back with a user of the same name"


def test_a_log_out_ends_one_session_and_no_other(engine: Engine, clock: Clock) -> None:
    sessions = made(engine, clock)
    first, second = begun(sessions), begun(sessions)

    assert sessions.end(first) == ("ann", "Ann")
    assert sessions.end(first) is None
    assert asked(sessions, first) == Wrong()
    assert isinstance(asked(sessions, second), Lasting)


def test_an_id_that_nobody_gave_is_no_session(engine: Engine, clock: Clock) -> None:
    sessions = made(engine, clock)
    session = begun(sessions)

    assert {type(asked(sessions, each)) for each in ("", "x", hashed(session), session + "x", session[:-1])} == {Wrong}


def test_who_is_gone_gets_none(engine: Engine, clock: Clock) -> None:
    assert made(engine, clock).begin("eve", "eve", address="", browser="") is None


def test_what_has_ended_is_removed_when_somebody_signs_in(engine: Engine, clock: Clock) -> None:
    sessions = made(engine, clock)
    begun(sessions, "bob")
    clock.now += 2 * HOUR
    begun(sessions)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT username FROM flowship_sessions")).scalars().all() == ["ann"]


def test_nobody_fills_the_table(engine: Engine, clock: Clock) -> None:
    sessions = made(engine, clock)
    others = begun(sessions, "bob")
    first = begun(sessions)
    clock.now += 1
    last = [begun(sessions) for _ in range(sessions_table.MOST)]

    assert asked(sessions, first) == Wrong()
    assert all(isinstance(asked(sessions, each), Lasting) for each in (*last, others))


def test_a_restored_database_has_no_sessions(clock: Clock, tmp_path: Path) -> None:
    database = Database(Part.AUTH, sqlite_url(tmp_path / "users.db"), "auth.sqliteFile")
    sessions_table.clear(database)  # where there is no table
    engine = database.engine()
    sessions_table.create(engine)
    execute(engine, "CREATE TABLE users (username TEXT, password_hash TEXT)")
    execute(engine, "INSERT INTO users VALUES ('ann', 'hash')")
    session = begun(made(engine, clock))

    sessions_table.clear(database)

    assert asked(made(engine, clock), session) == Wrong()


def test_long_words_of_a_browser_are_cut(engine: Engine, clock: Clock) -> None:
    assert made(engine, clock).begin("ann", "ann", address="x" * 500, browser="x" * 50_000)


def test_a_database_that_is_away_is_told_apart(clock: Clock) -> None:
    with in_memory() as without_tables:
        assert isinstance(asked(made(without_tables, clock), "x"), Unavailable)


def test_who_is_disabled_meanwhile_is_told(engine: Engine, clock: Clock) -> None:
    disabled: set[str] = set()
    sessions = made(engine, clock, disabled=disabled)
    session = begun(sessions)
    disabled.add("ann")
    assert asked(sessions, session) == Forbidden(SENTENCE)
    disabled.clear()
    assert isinstance(asked(sessions, session), Lasting)


class TestWhereTheDirectorySaysWhoMayComeIn:
    def test_it_is_asked_by_the_name_that_was_typed(self, engine: Engine, clock: Clock) -> None:
        names: list[str] = []

        def ask(name: str) -> Outcome:
            names.append(name)
            return Verified(Identity("ann", is_admin=True))

        sessions = made(engine, clock, ask)

        assert asked(sessions, begun(sessions)) == Lasting(Verified(Identity("ann", is_admin=True)), HOUR)
        assert names == ["Ann"]
        assert identity_of(asked(sessions, begun(sessions))).login == "Ann"

    @pytest.mark.parametrize("outcome", [Wrong(), Forbidden("in no group")])
    def test_who_may_not_any_more_does_not(self, engine: Engine, clock: Clock, outcome: Outcome) -> None:
        sessions = made(engine, clock, lambda name: outcome)

        assert asked(sessions, begun(sessions)) == outcome

    def test_who_is_another_user_now_does_not(self, engine: Engine, clock: Clock) -> None:
        sessions = made(engine, clock, lambda name: Verified(Identity("bob")))

        assert asked(sessions, begun(sessions)) == Wrong()

    def test_while_it_is_away_those_from_before_go_on_for_the_grace(self, engine: Engine, clock: Clock) -> None:
        sessions = made(engine, clock, lambda name: Unavailable(5), grace=600)
        session = begun(sessions)

        clock.now += 599
        assert asked(sessions, session) == Lasting(Verified(Identity("ann")), 5)
        assert identity_of(asked(sessions, session)).login == "Ann", "a token that is made now keeps it"
        clock.now += 1
        assert asked(sessions, session) == Unavailable(5)

    def test_the_grace_is_that_of_the_log_in(self, engine: Engine, clock: Clock) -> None:
        sessions = made(engine, clock, lambda name: Unavailable(5), grace=600)

        assert asked(sessions, begun(sessions, login="oidc:1")) == Unavailable(5)
