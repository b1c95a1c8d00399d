from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowship.auth.authenticator import Identity
from flowship.auth.generations import Generations
from flowship.auth.in_mlflow.cached_store import CachedStore
from flowship.mlflow_seams.tracking import run_changes
from flowship.mlflow_seams.tracking import store as seam
from flowship.tracking.requests import sender as module
from flowship.tracking.requests.sender import Sender

if TYPE_CHECKING:
    from collections.abc import Callable

ADA, EVE = (Identity(name, is_admin=False) for name in ("ada", "eve"))
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


@pytest.fixture
def generations() -> Generations:
    return Generations()


@pytest.fixture
def decisions(monkeypatch: pytest.MonkeyPatch, generations: Generations) -> Decisions:
    made, store = Decisions(), CachedStore(None, 60, generations)
    monkeypatch.setattr(module, "users_store", lambda: store)
    for name in MAY:
        monkeypatch.setattr(run_changes if name == "may_create_run" else seam, name, made.decide)
    return made


@pytest.mark.parametrize("may", MAY.values(), ids=MAY)
def test_what_is_allowed_is_decided_once_until_rights_change(
    decisions: Decisions, generations: Generations, may: Callable[[Sender], bool]
) -> None:
    assert [may(Sender(ADA)) for _ in range(3)] == [True] * 3
    assert len(decisions.asked) == 1

    decisions.allowed.clear()
    generations.store_changed()

    assert not may(Sender(ADA))


@pytest.mark.parametrize("may", MAY.values(), ids=MAY)
def test_what_is_refused_is_decided_each_time(decisions: Decisions, may: Callable[[Sender], bool]) -> None:
    assert may(Sender(ADA))
    assert [may(Sender(EVE)) for _ in range(2)] == [False] * 2
    assert len(decisions.asked) == 3


def test_other_runs_are_another_question(decisions: Decisions) -> None:
    for runs in (["r1"], ["r1", "r2"], ["r1r2"], ["r2", "r1"]):
        assert Sender(ADA).may_read_runs(runs)

    assert [asked[1] for asked in decisions.asked] == [["r1"], ["r1", "r2"], ["r1r2"], ["r2", "r1"]]


@pytest.mark.parametrize("may", MAY.values(), ids=MAY)
def test_nobody_decides_for_an_admin_or_where_nobody_logs_in(
    decisions: Decisions, may: Callable[[Sender], bool]
) -> None:
    assert may(Sender(None))
    assert may(Sender(Identity("root", is_admin=True)))
    assert decisions.asked == []
