from __future__ import annotations

import pytest

from flowship.tracking.requests.experiments import get_experiment, get_experiment_by_name


@pytest.mark.parametrize(
    ("number", "understood"),
    [("0", True), ("12", True), ("012", False), ("", False), ("-1", False), ("٣", False), ("9" * 19, False)],
)
def test_an_experiment_is_asked_by_the_one_spelling_of_its_number(number: str, understood: bool) -> None:
    assert (get_experiment({"experiment_id": number}) is not None) is understood
    assert get_experiment({"experiment_id": "1", "more": ""}) is None
    assert get_experiment({}) is None


def test_an_experiment_is_asked_by_its_name() -> None:
    assert get_experiment_by_name({"experiment_name": "ä"}) is not None
    assert get_experiment_by_name({"experiment_name": ""}) is None
    assert get_experiment_by_name({"experiment_name": "a", "experiment_id": "1"}) is None
    assert get_experiment_by_name({}) is None
