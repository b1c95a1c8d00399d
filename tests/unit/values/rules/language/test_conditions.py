from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowship.values.model.keys import lookup
from flowship.values.rules.language.conditions import (
    above,
    any_given,
    below_sum,
    given,
    gives,
    gives_twice,
    has_key,
    has_path,
    inside,
    larger,
    lists,
    matches,
    same,
    several,
)
from flowship.values.rules.language.list_conditions import every_item, every_text, item_holds, on_mount, some_item

if TYPE_CHECKING:
    from flowship.values.rules.language.conditions import Condition

A, B, C = given("a"), given("b.c"), given("d")
EMPTY: list[Any] = [None, False, 0, 0.0, "", [], {}]


@pytest.mark.parametrize("data", [{"b": {"c": value}} for value in EMPTY] + [{}, {"b": None}, {"b": "x"}, {"b": [1]}])
def test_what_is_absent_null_zero_or_empty_is_not_given(data: dict[str, Any]) -> None:
    assert not B.holds(data)
    assert (~B).holds(data)


@pytest.mark.parametrize("value", [True, 1, -1, 0.5, "x", "false", [None], {"x": None}])
def test_everything_else_is_given(value: Any) -> None:
    assert B.holds({"b": {"c": value}})


@pytest.mark.parametrize(
    ("condition", "data", "holds"),
    [
        (A & C, {"a": 1, "d": 1}, True),
        (A & C, {"a": 1}, False),
        (A | C, {"d": 1}, True),
        (A | C, {}, False),
        (several(("a", "b.c", "d")), {"a": 1, "d": 1}, True),
        (several(("a", "b.c", "d")), {"a": 1}, False),
        (given("a", "d"), {"a": 1, "d": 1}, True),
        (given("a", "d"), {"a": 1}, False),
        (any_given("a", "d"), {"d": 1}, True),
        (any_given("a", "d"), {}, False),
        (same("a", "d"), {"a": "x", "d": "x"}, True),
        (same("a", "d"), {"a": "", "d": ""}, False),
        (below_sum("a", "d", "e"), {"a": 2, "d": 1, "e": 2}, True),
        (below_sum("a", "d", "e"), {"a": 3, "d": 1, "e": 2}, False),
        (below_sum("a", "d", "e"), {"a": 0, "d": 1}, False),
        (inside("a", "s3://%s/%s", ("d", "e")), {"a": "s3://b/x/y/", "d": "b", "e": "/x/"}, True),
        (inside("a", "s3://%s/%s", ("d", "e")), {"a": "s3://b/x", "d": "b"}, True),
        (inside("a", "s3://%s/%s", ("d", "e")), {"a": "s3://b/xy", "d": "b", "e": "x"}, False),
        (has_path("a", "d", "/x", "/y"), {"a": "https://b/y"}, True),
        (has_path("a", "d", "/x"), {"a": "https://b:1/z/x", "d": "/z"}, True),
        (has_path("a", "d", "/x"), {"a": "https://b/x", "d": "/z"}, True),
        (has_path("a", "d", "/x"), {"a": "https://b/z/x"}, False),
        (has_path("a", "d", "/x"), {"a": "https://b/x/y", "d": None}, False),
        (has_path("a", "d", "/x"), {}, False),
        (has_key("a", "x"), {"a": {"x": None}}, True),
        (has_key("a", "x"), {"a": ["x"]}, False),
        (matches("a", "^x"), {"a": "xy"}, True),
        (matches("a", r"y\z"), {"a": "xy\n"}, False),
        (matches("a", "^4$"), {"a": 4}, True),
        (matches("a", "^true$"), {"a": True}, True),
        (matches("a", "^$"), {"a": None}, True),
        (matches("a", "^$"), {}, True),
        (above("a", 1), {"a": 2}, True),
        (above("a", 1), {"a": 1}, False),
        (above("a", 1), {"a": "2"}, False),
        (above("a", 1), {}, False),
        (larger("a", "d"), {"a": 2, "d": 1}, True),
        (larger("a", "d"), {"a": 1, "d": 1}, False),
        (larger("a", "d"), {"a": 1}, False),
        (lists("a", "x"), {"a": ["x"]}, True),
        (lists("a", "x"), {"a": "x"}, False),
        (lists("a", "x"), {"a": None}, False),
        (every_text("a", "^x"), {"a": ["x", "xy"]}, True),
        (~every_text("a", "^x"), {"a": [None, 1, {}]}, False),
        (~every_text("a", "^x"), {"a": "text"}, False),
        (~every_text("a", "^x"), {}, False),
        (some_item("a", "b", r"^/x/*\z"), {"a": [{"c": 1}, {"b": "/x/"}]}, True),
        (some_item("a", "b", r"^/x\z"), {"a": [{"b": "/x/y"}, {"c": "/x"}]}, False),
        (some_item("a", "b", "1"), {"a": [{"b": 1}, "b"]}, False),
        (some_item("a", "b", ".*"), {"a": {"b": "x"}}, False),
        (some_item("a", "b", ".*"), {}, False),
        (some_item("a", "b", r"^\z"), {"a": [{"b": "x"}, {"b": ""}]}, True),
        (some_item("a", "b", r"^\z"), {"a": [{"b": "x"}, {"c": ""}, {"b": None}]}, False),
        (~every_item("a", "b", r"^x\z"), {"a": [{"b": "x"}, {"c": "x"}]}, True),
        (~every_item("a", "b", r"^x\z"), {"a": [{"b": "x"}]}, False),
        (~every_item("a", "b", r"^x\z"), {}, False),
        (item_holds("a", "b"), {"a": [{"c": {}}, {"b": {}}]}, True),
        (item_holds("a", "b"), {"a": [{"b": "x"}]}, False),
        (on_mount("a", "d"), {"a": "/x/y/", "d": [{"mountPath": "/x"}]}, True),
        (on_mount("a", "d"), {"a": "//x", "d": [{"mountPath": "/x/"}]}, True),
        (on_mount("a", "d"), {"a": "/x", "d": [{"mountPath": "/x/y"}, {}]}, False),
        (on_mount("a", "d"), {"a": "/xy", "d": [{"mountPath": "/x"}]}, False),
        (gives("X_Y"), {"extraEnvVars": {"x_Y": ""}}, True),
        (gives("X_Y"), {"extraEnvVars": {"X_Y": None}}, False),
        (gives("X_Y"), {"extraEnvVars": ["X_Y"]}, False),
        (gives("X_Y"), {}, False),
        (gives_twice(), {"extraEnvVars": {"x": 1, "X": 2}}, True),
        (gives_twice(), {"extraEnvVars": {"x": 1, "X": None}}, False),
        (gives_twice(), {}, False),
    ],
)
def test_a_condition_holds(condition: Condition, data: dict[str, Any], holds: bool) -> None:
    assert condition.holds(data) is holds


def test_a_condition_says_the_keys_it_depends_on() -> None:
    condition = A & ~(B | larger("x", "y")) & matches("z", "key") & gives("V")

    assert condition.keys == {"a", "b.c", "x", "y", "z", "extraEnvVars"}


def test_a_condition_is_a_row_of_words_keys_and_arguments() -> None:
    condition = A & C & ~(B | matches("z", "^x"))

    assert condition.row == [
        "and",
        ["given", ["a"]],
        ["given", ["d"]],
        ["not", ["or", ["given", ["b.c"]], ["matches", ["z"], "^x"]]],
    ]


def test_lookup_stops_at_what_is_no_map() -> None:
    assert lookup({"a": {"b": 1}}, "a.b") == 1
    assert lookup({"a": [1]}, "a.b") is None
