from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.auth.in_mlflow.answers import Answers, asking_the_database

if TYPE_CHECKING:
    from flowship.auth.generations import Generations
    from tests.unit.auth.clock import Clock


@pytest.fixture
def answers(clock: Clock, generations: Generations) -> Answers:
    return Answers(60, generations, clock)


def test_an_answer_is_no_older_than_those_it_was_found_by(answers: Answers, clock: Clock) -> None:
    grants, asked = ["grant"], []

    def allowed() -> bool:
        asked.append("allowed")
        return bool(answers.remembered("grants", lambda: tuple(grants)))

    answers.remembered("grants", lambda: tuple(grants))
    clock.now += 40
    assert answers.remembered("allowed", allowed) is True
    grants.clear()  # by another server, which tells nobody
    clock.now += 19.9
    assert answers.remembered("allowed", allowed) is True
    assert asked == ["allowed"]

    clock.now += 0.1
    assert not answers.knows("allowed")
    assert answers.remembered("allowed", allowed) is False


def test_one_found_by_another_that_was_found_by_an_old_one_is_as_old(answers: Answers, clock: Clock) -> None:
    answers.remembered("user", lambda: 1)
    clock.now += 50
    answers.remembered("outer", lambda: answers.remembered("inner", lambda: answers.remembered("user", lambda: 2)))
    clock.now += 10

    assert not any(map(answers.knows, ("user", "inner", "outer")))


def test_what_was_changed_here_is_not_known_any_more(answers: Answers, generations: Generations) -> None:
    answers.remembered("allowed", lambda: True)
    assert answers.knows("allowed")

    generations.store_changed()

    assert not answers.knows("allowed")
    assert answers.remembered("allowed", lambda: False) is False


def test_a_change_while_it_is_decided_keeps_it_from_being_remembered(
    answers: Answers, generations: Generations
) -> None:
    def decide() -> bool:
        generations.store_changed()
        return True

    assert answers.remembered("allowed", decide) is True
    assert not answers.knows("allowed")


def test_a_refusal_is_decided_each_time(answers: Answers) -> None:
    assert answers.remembered("allowed", lambda: False) is False
    assert not answers.knows("allowed")
    assert answers.remembered("allowed", lambda: True) is True


def test_the_second_look_is_not_answered_from_memory(answers: Answers) -> None:
    answers.remembered("allowed", lambda: True)

    with asking_the_database():
        assert answers.remembered("allowed", lambda: 2) == 2


def test_nothing_is_remembered_for_no_time(generations: Generations, clock: Clock) -> None:
    forgetful = Answers(0, generations, clock)
    forgetful.remembered("allowed", lambda: True)

    assert not forgetful.knows("allowed")
