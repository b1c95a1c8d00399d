from __future__ import annotations

import pytest

from flowship.auth.memory import failures
from flowship.auth.memory.failures import FREE_FOR_A_NAME, FREE_FOR_AN_ADDRESS, Failures
from tests.unit.auth.clock import Clock

ANN, EVE = ("ann", "192.0.2.1"), ("ann", "192.0.2.66")


@pytest.fixture
def counted(clock: Clock) -> Failures:
    return Failures(clock)


def fail(counted: Failures, who: tuple[str, str], times: int) -> None:
    assert [counted.begin(*who) for _ in range(times)] == [0] * times


def test_a_few_failures_cost_no_wait_and_further_ones_a_growing_one(counted: Failures, clock: Clock) -> None:
    fail(counted, ANN, FREE_FOR_A_NAME)
    waits = []
    for _ in range(8):
        waits.append(counted.begin(*ANN))
        clock.now += waits[-1]
        fail(counted, ANN, 1)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_try_that_runs_counts_already(counted: Failures) -> None:
    assert [counted.begin(*ANN) for _ in range(FREE_FOR_A_NAME + 2)] == [0] * FREE_FOR_A_NAME + [1, 1]


def test_a_refused_try_makes_the_wait_no_longer(counted: Failures, clock: Clock) -> None:
    fail(counted, ANN, FREE_FOR_A_NAME)
    assert [counted.begin(*ANN) for _ in range(20)] == [1] * 20

    clock.now += 1

    assert counted.begin(*ANN) == 0


def test_a_user_is_not_kept_out_by_failures_from_another_address(counted: Failures) -> None:
    fail(counted, EVE, FREE_FOR_A_NAME)

    assert counted.begin(*EVE) > 0
    assert counted.begin(*ANN) == 0


def test_many_names_from_one_address_are_slowed_down(counted: Failures) -> None:
    for number in range(FREE_FOR_AN_ADDRESS):
        fail(counted, (f"user{number}", "192.0.2.66"), 1)

    assert counted.begin("another", "192.0.2.66") > 0
    assert counted.begin("another", "192.0.2.1") == 0


def test_success_forgets_the_failures_of_the_name_but_not_those_of_the_address(counted: Failures) -> None:
    for number in range(FREE_FOR_AN_ADDRESS - 1):
        fail(counted, (f"user{number}", ANN[1]), 1)
    fail(counted, ANN, 1)
    counted.succeeded(*ANN)

    fail(counted, ANN, 1)

    assert counted.begin(*ANN) > 0


def test_a_try_that_ended_neither_way_does_not_count(counted: Failures) -> None:
    for _ in range(FREE_FOR_AN_ADDRESS + 1):
        fail(counted, ANN, 1)
        counted.undo(*ANN)

    assert counted.begin(*ANN) == 0


def test_failures_are_forgotten_after_a_time_without_any(counted: Failures, clock: Clock) -> None:
    fail(counted, ANN, FREE_FOR_A_NAME)

    clock.now += failures.FORGOTTEN_AFTER

    fail(counted, ANN, FREE_FOR_A_NAME)


def test_no_more_is_kept_than_fits(clock: Clock) -> None:
    counted = Failures(clock, size=6)
    for number in range(10):
        fail(counted, (f"user{number}", f"192.0.2.{number}"), FREE_FOR_A_NAME)
        fail(counted, (f"other{number}", f"192.0.2.{number}"), 1)

    assert (len(counted._few), len(counted._many)) == (6, 6)


def test_names_that_somebody_makes_up_push_out_no_name_that_has_to_wait(clock: Clock) -> None:
    counted = Failures(clock, free_for_an_address=None)
    for _ in range(8):
        fail(counted, ANN, 1)
        clock.now += counted.begin(*ANN)
    fail(counted, ANN, 1)

    for number in range(failures.SIZE):
        fail(counted, (f"made up {number}", ANN[1]), 1)

    assert counted.begin(*ANN) == failures.LONGEST


def test_an_address_alone_counts_only_where_it_is_asked_for() -> None:
    failures = Failures(Clock(), free_for_an_address=None)

    assert [failures.begin(f"user{number}", "192.0.2.1") for number in range(200)] == [0] * 200
    assert [failures.begin("user1", "192.0.2.1") for _ in range(5)][-1] > 0
