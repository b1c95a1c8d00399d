from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from flowship.auth.methods.ldap.outage import LOGGED_EVERY, TRY_AGAIN_AFTER, Outage

if TYPE_CHECKING:
    from tests.unit.auth.clock import Clock


@pytest.fixture
def seen() -> list[bool]:
    return []


@pytest.fixture
def outage(clock: Clock, seen: list[bool]) -> Outage:
    return Outage(seen.append, clock)


def test_a_directory_that_answers_is_asked_by_everybody(outage: Outage) -> None:
    assert [outage.may_ask() for _ in range(3)] == [True] * 3
    assert not outage.lasts


def test_one_that_does_not_is_asked_by_nobody_for_a_while_and_then_by_one(outage: Outage, clock: Clock) -> None:
    outage.failed("gone")
    assert (outage.lasts, outage.may_ask()) == (True, False)

    clock.now += TRY_AGAIN_AFTER

    assert not outage.lasts
    assert [outage.may_ask() for _ in range(3)] == [True, False, False]
    assert outage.lasts


def test_it_recovers_as_soon_as_that_one_is_answered(outage: Outage, clock: Clock, seen: list[bool]) -> None:
    outage.failed("gone")
    clock.now += TRY_AGAIN_AFTER
    outage.may_ask()
    outage.failed("gone")
    assert not outage.may_ask()
    clock.now += TRY_AGAIN_AFTER
    outage.may_ask()

    outage.ended()

    assert [outage.may_ask() for _ in range(3)] == [True] * 3
    assert seen == [True, False]


def test_the_log_says_it_once_a_minute_and_that_it_is_over(
    outage: Outage, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for _ in range(int(LOGGED_EVERY / TRY_AGAIN_AFTER) + 1):
            outage.failed("ldap://a refuses connections")
            clock.now += TRY_AGAIN_AFTER
        outage.ended()

    assert [record.message for record in caplog.records] == [
        "the directory cannot be asked (ldap://a refuses connections). Users who were verified before go on for a time"
    ] * 2 + ["the directory answers again"]
