from __future__ import annotations

import pytest

from flowship.exporting.arriving_models import Registry, belonging_to, conflict, what_is_new

MODEL = ("default", "forecast")
EXPORTED = Registry({MODEL: 5}, {(MODEL, 1): 6, (MODEL, 2): 7}, {(MODEL, "champion"): 2})


def test_nothing_is_in_the_way_of_a_free_name() -> None:
    there = Registry({("other", "forecast"): 1}, {}, {})

    assert conflict(EXPORTED, there) is None
    assert what_is_new(EXPORTED, there).versions == {(MODEL, 1), (MODEL, 2)}


def test_what_is_there_already_is_taken() -> None:
    there = Registry({MODEL: 5}, {(MODEL, 1): 6}, {})

    assert conflict(EXPORTED, there) is None
    new = what_is_new(EXPORTED, there)
    assert not new.models
    assert new.versions == {(MODEL, 2)}


def test_an_alias_that_has_moved_since_stays() -> None:
    assert conflict(EXPORTED, Registry({MODEL: 5}, EXPORTED.versions, {(MODEL, "champion"): 1})) is None


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (Registry({MODEL: 4}, {}, {}), 'a registered model or prompt "forecast" already, which is another one'),
        (Registry({MODEL: 5}, {(MODEL, 2): 1}, {}), 'version 2 of "forecast" already, which is another one'),
        (
            Registry({MODEL: 5}, {(MODEL, 1): 6, (MODEL, 3): 9}, {(MODEL, "champion"): 3}),
            'the alias "champion" of "forecast" at version 3, and not at version 2',
        ),
        (
            Registry({("default", "Forecast"): 5}, {}, {}),
            'the registered model or prompt "Forecast", whose name is the same as "forecast" to it',
        ),
    ],
)
def test_another_one_is_in_the_way(there: Registry, said: str) -> None:
    assert conflict(EXPORTED, there) == said


def test_a_prompt_belongs_to_one_more_experiment_once() -> None:
    assert [belonging_to(value, 7) for value in (None, "", ",1,", ",1,7,")] == [",7,", ",7,", ",1,7,", ",1,7,"]
