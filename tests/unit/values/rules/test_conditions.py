from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowship.values.model.keys import lookup
from flowship.values.rules.conditions import (
    All,
    Exceeds,
    Given,
    GivesVariable,
    GivesVariableTwice,
    LinesMatch,
    Lists,
    Matches,
    MoreThan,
    Not,
    Some,
    keys_of,
    several,
)
from flowship.values.rules.list_conditions import ItemHas, ItemHolds, ItemIsEmpty, ItemWithout, OnMount

if TYPE_CHECKING:
    from flowship.values.rules.conditions import Condition

A, B, C = Given("a"), Given("b.c"), Given("d")
EMPTY: list[Any] = [None, False, 0, 0.0, "", [], {}]


@pytest.mark.parametrize("data", [{"b": {"c": value}} for value in EMPTY] + [{}, {"b": None}, {"b": "x"}, {"b": [1]}])
def test_what_is_absent_null_zero_or_empty_is_not_given(data: dict[str, Any]) -> None:
    assert not B.holds(data)
    assert Not(B).holds(data)


@pytest.mark.parametrize("value", [True, 1, -1, 0.5, "x", "false", [None], {"x": None}])
def test_everything_else_is_given(value: Any) -> None:
    assert B.holds({"b": {"c": value}})


@pytest.mark.parametrize(
    ("condition", "data", "holds"),
    [
        (All(A, C), {"a": 1, "d": 1}, True),
        (All(A, C), {"a": 1}, False),
        (Some(A, C), {"d": 1}, True),
        (Some(A, C), {}, False),
        (several(("a", "b.c", "d")), {"a": 1, "d": 1}, True),
        (several(("a", "b.c", "d")), {"a": 1}, False),
        (Matches("a", "^x"), {"a": "xy"}, True),
        (Matches("a", r"y\z"), {"a": "xy\n"}, False),
        (Matches("a", "^4$"), {"a": 4}, True),
        (Matches("a", "^true$"), {"a": True}, True),
        (Matches("a", "^$"), {"a": None}, True),
        (Matches("a", "^$"), {}, True),
        (MoreThan("a", 1), {"a": 2}, True),
        (MoreThan("a", 1), {"a": 1}, False),
        (MoreThan("a", 1), {"a": "2"}, False),
        (MoreThan("a", 1), {}, False),
        (Exceeds("a", "d"), {"a": 2, "d": 1}, True),
        (Exceeds("a", "d"), {"a": 1, "d": 1}, False),
        (Exceeds("a", "d"), {"a": 1}, False),
        (Lists("a", "x"), {"a": ["x"]}, True),
        (Lists("a", "x"), {"a": "x"}, False),
        (Lists("a", "x"), {"a": None}, False),
        (LinesMatch("a", "^x\ny\n"), {"a": ["x", "y"]}, True),
        (LinesMatch("a", "."), {"a": [None, 1, {}]}, False),
        (LinesMatch("a", "."), {"a": "text"}, False),
        (LinesMatch("a", "."), {}, False),
        (ItemHas("a", "b", "/x/*"), {"a": [{"c": 1}, {"b": "/x/"}]}, True),
        (ItemHas("a", "b", "/x"), {"a": [{"b": "/x/y"}, {"c": "/x"}]}, False),
        (ItemHas("a", "b", "1"), {"a": [{"b": 1}, "b"]}, False),
        (ItemHas("a", "b", ".*"), {"a": {"b": "x"}}, False),
        (ItemHas("a", "b", ".*"), {}, False),
        (ItemIsEmpty("a", "b"), {"a": [{"b": "x"}, {"b": ""}]}, True),
        (ItemIsEmpty("a", "b"), {"a": [{"b": "x"}, {"c": ""}, {"b": None}]}, False),
        (ItemWithout("a", "b", "x"), {"a": [{"b": "x"}, {"c": "x"}]}, True),
        (ItemWithout("a", "b", "x"), {"a": [{"b": "x"}]}, False),
        (ItemWithout("a", "b", "x"), {}, False),
        (ItemHolds("a", "b"), {"a": [{"c": {}}, {"b": {}}]}, True),
        (ItemHolds("a", "b"), {"a": [{"b": "x"}]}, False),
        (OnMount("a", "d"), {"a": "/x/y/", "d": [{"mountPath": "/x"}]}, True),
        (OnMount("a", "d"), {"a": "//x", "d": [{"mountPath": "/x/"}]}, True),
        (OnMount("a", "d"), {"a": "/x", "d": [{"mountPath": "/x/y"}, {}]}, False),
        (OnMount("a", "d"), {"a": "/xy", "d": [{"mountPath": "/x"}]}, False),
        (GivesVariable("X_Y"), {"extraEnvVars": {"x_Y": ""}}, True),
        (GivesVariable("X_Y"), {"extraEnvVars": {"X_Y": None}}, False),
        (GivesVariable("X_Y"), {"extraEnvVars": ["X_Y"]}, False),
        (GivesVariable("X_Y"), {}, False),
        (GivesVariableTwice(), {"extraEnvVars": {"x": 1, "X": 2}}, True),
        (GivesVariableTwice(), {"extraEnvVars": {"x": 1, "X": None}}, False),
        (GivesVariableTwice(), {}, False),
    ],
)
def test_a_condition_holds(condition: Condition, data: dict[str, Any], holds: bool) -> None:
    assert condition.holds(data) is holds


def test_a_condition_knows_the_keys_it_depends_on() -> None:
    condition = All(A, Not(Some(B, Exceeds("x", "y"))), Matches("z", "key"), GivesVariable("V"))

    assert keys_of(condition) == {"a", "b.c", "x", "y", "z"}


def test_lookup_stops_at_what_is_no_map() -> None:
    assert lookup({"a": {"b": 1}}, "a.b") == 1
    assert lookup({"a": [1]}, "a.b") is None
