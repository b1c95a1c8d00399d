from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from flowship.auth.in_mlflow.run_experiments import RunExperiments, with_known_runs


class Runs:
    """A store with one run, which counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_run(self, run_id: str) -> Any:
        self.asked.append(run_id)
        return SimpleNamespace(info=SimpleNamespace(experiment_id="7")) if run_id == "run" else None

    def get_logged_model(self, model_id: str) -> str:
        self.asked.append(model_id)
        return "model"


def direct(fetch: Any, resource_id: str) -> Any:
    return fetch(resource_id)


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def known() -> RunExperiments:
    return RunExperiments()


def test_the_experiment_of_a_run_is_looked_up_once(runs: Runs, known: RunExperiments) -> None:
    lookup = with_known_runs(direct, known=known)

    assert [lookup(runs.get_run, "run").info.experiment_id for _ in range(3)] == ["7"] * 3
    assert runs.asked == ["run"]


def test_that_there_is_no_run_is_not_remembered(runs: Runs, known: RunExperiments) -> None:
    lookup = with_known_runs(direct, known=known)

    assert lookup(runs.get_run, "none") is None
    assert lookup(runs.get_run, "none") is None
    assert runs.asked == ["none", "none"]


def test_whatever_else_is_looked_up_is_asked_each_time(runs: Runs, known: RunExperiments) -> None:
    lookup = with_known_runs(direct, known=known)

    assert [lookup(runs.get_logged_model, "m") for _ in range(2)] == ["model", "model"]
    assert runs.asked == ["m", "m"]


def test_a_run_that_was_read_for_another_reason_is_not_looked_up(runs: Runs, known: RunExperiments) -> None:
    known.remember("run", "8")

    assert with_known_runs(direct, known=known)(runs.get_run, "run").info.experiment_id == "8"
    assert runs.asked == []


@pytest.mark.parametrize(("read", "asked"), [("8", []), (None, ["run"])])
def test_mlflow_reads_a_run_only_where_its_experiment_cannot_be_read_alone(
    runs: Runs, known: RunExperiments, read: str | None, asked: list[str]
) -> None:
    lookup = with_known_runs(direct, lambda get_run, run_id: read, known)

    assert {lookup(runs.get_run, "run").info.experiment_id for _ in range(2)} == {read or "7"}
    assert runs.asked == asked
    assert known.of("run") == (read or "7")
