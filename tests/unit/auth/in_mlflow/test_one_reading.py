from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowship.auth.in_mlflow.one_reading import RUN, ambiguity
from flowship.mlflow_seams.reading.one_reading import Asked


def asked(method: str, body: Any = None, *, says_json: bool = True, **named: str) -> str | None:
    return ambiguity(Asked(method, body is not None, says_json, body, named))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE"])
def test_a_request_without_a_body_is_understood(method: str) -> None:
    assert asked(method, says_json=False, run_id="a") is None
    assert asked(method, {}, says_json=False) is None


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_read_with_a_body_is_refused(method: str) -> None:
    assert asked(method, {"path": "4"}) == (
        f"A {method} request with a body is not understood. Write what it says into the query."
    )


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_body_that_only_one_reader_would_read_is_refused(method: str) -> None:
    assert asked(method, {"name": "theirs"}, says_json=False) == (
        f"The body of a {method} request must be JSON, with Content-Type: application/json."
    )


def test_json_within_json_is_refused() -> None:
    assert asked("POST", '{"experiment_ids": ["1"]}') == "The body is a text within JSON. Send the object itself."


@pytest.mark.parametrize("key", ["run_id", "runUuid", "experiment_id", "dataset_id"])
@pytest.mark.parametrize("value", [["a"], {"a": "b"}, []])
def test_an_id_is_one_value(key: str, value: Any) -> None:
    """MLflow looks for it, or remembers it, before anything has checked that it is a text."""
    assert asked("POST", {key: value}) == f"{key}: is a list or an object. Write one id, as a text."
    assert asked("POST", {"run_ids": ["a", "b"], key: "a"}) is None


@given(st.lists(st.sampled_from(RUN), min_size=2, unique=True))
def test_two_names_of_a_run_must_name_the_same(names: list[str]) -> None:
    assert asked("POST", dict.fromkeys(names, "a")) is None
    said = asked("POST", {**dict.fromkeys(names, "a"), names[0]: "b"})
    assert said is not None
    assert said.startswith("The body names more than one run, by ")


@pytest.mark.parametrize("key", ["model_id", "modelId"])
def test_what_the_path_names_the_body_may_only_repeat(key: str) -> None:
    assert asked("PATCH", {key: "mine"}, model_id="mine") is None
    assert asked("PATCH", {key: "theirs"}, model_id="mine") == (
        f"The path and the body name different things by {key}. Write it into the path only."
    )


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
@pytest.mark.parametrize("key", ["trace_id", "traceId"])
def test_what_the_path_names_the_query_may_only_repeat(method: str, key: str) -> None:
    def said(*values: str) -> str | None:
        return ambiguity(Asked(method, False, False, None, {"trace_id": "theirs"}, {key: values, "path": ["a"]}))

    assert said("theirs", "theirs") is None
    assert said("theirs", "mine") == (
        f"The path and the query name different things by {key}. Write it into the path only."
    )


def test_two_names_of_a_run_in_a_query_must_name_the_same() -> None:
    def said(**query: list[str]) -> str | None:
        return ambiguity(Asked("GET", False, False, None, {}, query))

    assert said(run_id=["a", "b"]) is None  # MLflow has routes for several
    assert said(run_id=["a"], run_uuid=["a"]) is None
    assert said(run_id=["a"], run_uuid=["b"]) == "The query names more than one run, by run_id, run_uuid. Name one."


@pytest.mark.parametrize("more", ["role_permission_id", "workspace"])
def test_a_role_is_said_in_one_way(more: str) -> None:
    assert asked("PATCH", {"role_id": 1, "permission": "READ"}) is None
    assert asked("POST", {"workspace": "team", "name": "writers"}) is None
    assert asked("PATCH", {"role_id": 1, more: 2}) == (
        f"The body says which role is meant in several ways, by role_id, {more}. Write one of them."
    )


def test_what_is_no_object_is_left_to_mlflow() -> None:
    assert asked("POST", [{"run_id": "a"}]) is None
