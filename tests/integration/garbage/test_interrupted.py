"""Collections that are killed and done again, and runs that are restored meanwhile."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from flowship.database.engine import open_engine
from flowship.database.own_tables import removals
from flowship.garbage import collecting
from flowship.mlflow_seams.installation import quiet
from flowship.mlflow_seams.tracking.restoring import ask_before_restoring
from tests.integration.garbage import dying

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowship.garbage.collecting import Collection
    from flowship.garbage.deleted import Deleted
    from tests.integration.garbage.world import World

KILLED = -9


@pytest.fixture(scope="module", autouse=True)
def guarded() -> Iterator[None]:
    """MLflow's store asks before it restores, as in a server."""
    with quiet():
        end = ask_before_restoring(removals.refusal)
    yield
    end()


def deleted(world: World) -> tuple[str, str]:
    """An experiment with a run, both deleted long ago."""
    experiment = world.experiment()
    run = world.run(experiment, "a", "b")
    world.store.delete_experiment(experiment)
    world.long_ago()
    return experiment, run


@pytest.mark.parametrize("effect", [2, 6])
def test_a_collection_that_was_killed_is_finished_by_the_next_one(world: World, effect: int) -> None:
    before = world.rows()
    experiment, run = deleted(world)

    assert dying.collect(world, effect) == KILLED
    with pytest.raises(Exception, match=f"run {run} is being removed by `flowship gc`"):
        world.store.restore_run(run)
    with pytest.raises(Exception, match="is being removed by `flowship gc`, and cannot be restored any more"):
        world.store.restore_experiment(experiment)

    assert world.collect().failed == []
    assert (world.rows(), world.files()) == (before, set())
    assert world.scalars("SELECT COUNT(*) FROM flowship_removals") == [0]


def test_a_run_that_was_restored_a_moment_before_keeps_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, run = deleted(world)
    own = collecting._mark

    def restored_first(collection: Collection, things: Sequence[Deleted]) -> set[Any]:
        world.store.restore_experiment(experiment)
        monkeypatch.setattr(collecting, "_mark", own)
        return own(collection, things)

    monkeypatch.setattr(collecting, "_mark", restored_first)
    report = world.collect()

    assert report.things == []
    assert world.store.get_run(run).data.metrics == {"loss": 0.5}
    assert world.files() == {f"{experiment}/{run}/artifacts/{name}" for name in "ab"}


def test_a_collection_waits_for_a_restore_that_is_not_committed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment, run = deleted(world)
    marking = threading.Event()
    own = collecting._mark

    def told(collection: Collection, things: Sequence[Deleted]) -> set[Any]:
        marking.set()
        return own(collection, things)

    monkeypatch.setattr(collecting, "_mark", told)
    found: list[Any] = []
    collection = threading.Thread(target=lambda: found.append(world.collect()))
    with open_engine(world.url).begin() as connection:
        restored = "UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = :run"
        connection.execute(text(restored), {"run": run})
        collection.start()
        assert marking.wait(60)
    collection.join(60)

    assert [thing.id for thing in found[0].things] == []
    assert f"its run {run} stays" in [note.why for note in found[0].kept]
    assert world.files() == {f"{experiment}/{run}/artifacts/{name}" for name in "ab"}


def test_what_another_server_restored_meanwhile_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, run = deleted(world)
    own = collecting._remove_rows

    def restored_first(collection: Collection, things: Sequence[Deleted]) -> list[Deleted]:
        world.execute("UPDATE runs SET lifecycle_stage = 'active' WHERE lifecycle_stage = 'deleted'")
        return own(collection, things)

    monkeypatch.setattr(collecting, "_remove_rows", restored_first)
    report = world.collect()

    assert [(note.id, note.why) for note in report.failed] == [(run, collecting.RESTORED)]
    assert world.store.get_run(run).data.metrics == {"loss": 0.5}
