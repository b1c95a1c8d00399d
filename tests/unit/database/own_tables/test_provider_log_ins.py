from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, text

from flowship.database.own_tables import provider_log_ins
from flowship.database.own_tables.provider_log_ins import LASTS, Begun
from tests.unit.in_memory import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGUN = Begun("nonce", "verifier", "/#/experiments")


@pytest.fixture
def engine() -> Iterator[Engine]:
    with in_memory() as made:
        provider_log_ins.create(made)
        provider_log_ins.create(made)
        yield made


def test_a_log_in_is_finished_once(engine: Engine) -> None:
    provider_log_ins.add(engine, "state", "browser", BEGUN, 1000)

    assert provider_log_ins.take(engine, "state", "browser", 1001) == BEGUN
    assert provider_log_ins.take(engine, "state", "browser", 1001) is None


@pytest.mark.parametrize(("state", "browser"), [("another", "browser"), ("", ""), ("STATE", "browser")])
def test_a_log_in_that_nobody_began_is_none(engine: Engine, state: str, browser: str) -> None:
    provider_log_ins.add(engine, "state", "browser", BEGUN, 1000)

    assert provider_log_ins.take(engine, state, browser, 1001) is None


def test_who_tries_in_another_browser_ends_it(engine: Engine) -> None:
    provider_log_ins.add(engine, "state", "browser", BEGUN, 1000)

    assert provider_log_ins.take(engine, "state", "another", 1001) is None
    assert provider_log_ins.take(engine, "state", "browser", 1001) is None


def test_a_log_in_lasts_ten_minutes_and_is_forgotten_then(engine: Engine) -> None:
    provider_log_ins.add(engine, "old", "browser", BEGUN, 1000)
    provider_log_ins.add(engine, "older", "browser", BEGUN, 999)
    assert provider_log_ins.take(engine, "old", "browser", 1000 + LASTS) is None
    provider_log_ins.add(engine, "new", "browser", BEGUN, 1000 + LASTS)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM flowship_provider_log_ins")).scalar() == 1


def test_those_that_began_first_go_when_there_are_too_many(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_log_ins, "MOST", 3)
    for number in range(4):
        provider_log_ins.add(engine, f"state {number}", "browser", BEGUN, 1000 + number)

    assert provider_log_ins.take(engine, "state 0", "browser", 1004) is None
    for number in range(1, 4):
        assert provider_log_ins.take(engine, f"state {number}", "browser", 1004) == BEGUN


def test_who_reads_the_table_can_finish_none(engine: Engine) -> None:
    provider_log_ins.add(engine, "the state", "the browser", BEGUN, 1000)

    with engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM flowship_provider_log_ins"))
    assert "the state" not in str(row)
    assert "the browser" not in str(row)
