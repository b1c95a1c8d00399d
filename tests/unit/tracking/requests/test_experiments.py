from __future__ import annotations

from typing import Any

import pytest

from flowship.tracking.requests.experiments import get_experiment, get_experiment_by_name, search_experiments


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


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ({}, True),
        ({"max_results": "7"}, True),
        ({"max_results": "07"}, False),
        ({"max_results": 0}, False),
        ({"max_results": 50_001}, False),
        ({"max_results": 7.0}, False),
        ({"max_results": True}, False),
        ({"max_results": None}, False),
        ({"filter": "name = 'a'", "order_by": ["name"], "view_type": "ALL", "page_token": ""}, True),
        ({"filter": None}, False),
        ({"order_by": "name"}, False),
        ({"view_type": 3}, False),
        ({"view_type": "all"}, False),
        ({"page_token": "nonsense"}, False),
        ({"odd": ""}, False),
    ],
)
def test_experiments_are_searched_by_filter_order_view_and_page(said: dict[str, Any], *, understood: bool) -> None:
    assert (search_experiments({"max_results": 1, **said}) is not None) is understood


def test_a_search_for_experiments_says_how_many() -> None:
    assert search_experiments({}) is None
