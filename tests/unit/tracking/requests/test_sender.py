from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowship.auth.authenticator import Identity
from flowship.auth.generations import Generations
from flowship.auth.in_mlflow.cached_store import CachedStore
from flowship.auth.in_mlflow.run_experiments import RunExperiments
from flowship.mlflow_seams.tracking import run_changes, run_rights
from flowship.tracking.requests import sender as module
from flowship.tracking.requests.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable

ADA, EVE = (Identity(name, is_admin=False) for name in ("ada", "eve"))
EXPERIMENTS = {"r1": "1", "r2": "2", "r3": "2"}
"""The experiments of runs."""
MAY = {
    "may_use_run": lambda sender: sender.may_use_run("r1", "read"),
    "may_create_run": lambda sender: sender.may_create_run("1"),
    "may_read_runs": lambda sender: sender.may_read_runs(["r1", "r2"]),
    "may_read_experiment": lambda sender: sender.may_read_experiment("1"),
}
"""Questions to a sender, by the names of MLflow's decisions."""


class Decisions:
    """Stands for MLflow's decisions: what each is asked, of which only what ada asks is allowed."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.allowed = {"ada"}

    def decide(self, username: str, *what: Any) -> bool:
        self.asked.append((username, *what))
        return username in self.allowed


def from_(identity: Identity | None) -> Sender:
    """A sender to whom no run is known yet."""
    return Sender(identity, RunExperiments())


@pytest.fixture
def generations() -> Generations:
    return Generations()


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch, generations: Generations) -> Decisions:
    made, store = Decisions(), CachedStore(None, 60, generations)
    monkeypatch.setattr(module, "users_store", lambda: store)
    for name in MAY:
        monkeypatch.setattr(run_changes if name == "may_create_run" else run_rights, name, made.decide)
    monkeypatch.setattr(run_rights, "experiment_of_run", EXPERIMENTS.get)
    return made


@pytest.mark.parametrize("may", MAY.values(), ids=MAY)
def test_what_is_allowed_is_decided_once_until_rights_change(
    decisions: Decisions, generations: Generations, may: Callable[[Sender], bool]
) -> None:
    assert [may(from_(ADA)) for _ in range(3)] == [True] * 3
    assert len(decisions.asked) == 1

    decisions.allowed.clear()
    generations.store_changed()

    assert not may(from_(ADA))


@pytest.mark.parametrize("may", MAY.values(), ids=MAY)
def test_what_is_refused_is_decided_each_time(decisions: Decisions, may: Callable[[Sender], bool]) -> None:
    assert may(from_(ADA))
    assert [may(from_(EVE)) for _ in range(2)] == [False] * 2
    assert len(decisions.asked) == 3


def test_runs_of_other_experiments_are_another_question(decisions: Decisions) -> None:
    for runs in (["r1"], ["r2"], ["r3"], ["r1", "r2"], ["r3", "r1"]):
        assert from_(ADA).may_read_runs(runs)

    assert [asked[1] for asked in decisions.asked] == [["r1"], ["r2"], ["r1", "r2"]]


def test_what_may_be_done_with_a_run_is_decided_once_for_all_of_its_experiment(decisions: Decisions) -> None:
    for run in EXPERIMENTS:
        assert from_(ADA).may_use_run(run, "read")
        assert from_(ADA).may_use_run(run, "update")

    assert [asked[1:] for asked in decisions.asked] == [
        (run, action) for run in ("r1", "r2") for action in ("read", "update")
    ]


def test_a_run_that_was_read_is_known_from_then_on(decisions: Decisions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_rights, "experiment_of_run", lambda run_id: pytest.fail(run_id))
    known = RunExperiments()

    assert Sender(ADA, known).may_have_run("r1", "1")
    assert Sender(ADA, known).may_use_run("r1", "read")
    assert not Sender(EVE, known).may_have_run("r1", "1")
    assert [asked[0] for asked in decisions.asked] == ["ada", "eve"]


def test_only_what_was_decided_is_known_without_a_question(decisions: Decisions) -> None:
    sender = from_(ADA)
    assert not sender.is_known_to_use_run("r2", "update")

    assert sender.may_use_run("r2", "update")
    assert not sender.is_known_to_use_run("r3", "update")  # whose experiment nobody has read yet

    assert sender.may_use_run("r3", "read")
    assert [sender.is_known_to_use_run(run, "update") for run in ("r1", "r2", "r3")] == [False, True, True]
    assert not sender.is_known_to_use_run("r1", "read")


def test_mlflow_tells_of_a_run_that_is_not_there(decisions: Decisions) -> None:
    assert not from_(ADA).may_use_run("none", "read")
    assert not from_(ADA).may_read_runs(["r1", "none"])
    assert decisions.asked == []


@pytest.mark.parametrize("may", MAY.values(), ids=MAY)
def test_nobody_decides_for_an_admin_or_where_nobody_logs_in(
    decisions: Decisions, may: Callable[[Sender], bool]
) -> None:
    assert may(from_(None))
    assert may(from_(Identity("root", is_admin=True)))
    assert decisions.asked == []
