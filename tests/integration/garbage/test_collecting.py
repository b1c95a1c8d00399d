"""What a collection removes of each kind of database, what it keeps, and what it tells."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from mlflow.entities import LoggedModelParameter, LoggedModelTag, Metric, TraceInfo, TraceLocation, TraceState
from mlflow.entities.model_registry import RegisteredModelTag

if TYPE_CHECKING:
    from tests.integration.garbage.world import World


def test_a_run_goes_with_its_artifacts_and_rows_and_its_neighbours_stay(world: World) -> None:
    experiment = world.experiment()
    kept = world.run(experiment, "model/data.bin")
    before = world.rows()
    gone = world.run(experiment, "model/data.bin", "plot.png")
    late = world.run(experiment, "late.txt")
    world.store.delete_run(gone)
    world.long_ago()
    world.store.delete_run(late)

    report = world.collect()

    assert report.failed == []
    assert [(thing.id, thing.objects, thing.bytes) for thing in report.things] == [(gone, 2, 14)]
    assert world.files() == {f"{experiment}/{kept}/artifacts/model/data.bin", f"{experiment}/{late}/artifacts/late.txt"}
    assert not (world.root / experiment / gone).exists()
    world.store.restore_run(late)
    assert world.rows()["runs"] == before["runs"] + 1
    assert world.rows()["metrics"] == before["metrics"] + 1
    assert world.collect().things == []


def test_an_experiment_goes_with_all_that_is_in_it(world: World) -> None:
    before = world.rows()
    experiment = world.experiment()
    run = world.run(experiment, "a.txt")
    model = world.store.create_logged_model(
        experiment, "net", run, [LoggedModelTag("t", "v")], [LoggedModelParameter("p", "v")]
    )
    world.write(model.artifact_location, "MLmodel")
    add_trace(world, experiment, f"tr-{experiment}")
    world.write(f"mlflow-artifacts:/{experiment}/traces/tr-{experiment}/artifacts", "traces.json")
    other = world.write(f"mlflow-artifacts:/{experiment}/traces/tr-of-somebody-else/artifacts", "traces.json")
    world.store.delete_experiment(experiment)
    world.long_ago()

    listed = world.collect(dry_run=True)
    report = world.collect()

    assert report.failed == listed.failed == []
    assert [(thing.kind, thing.id) for thing in report.things] == [
        ("run", run),
        ("model", model.model_id),
        ("experiment", experiment),
    ]
    assert [thing.model_dump() for thing in listed.things] == [thing.model_dump() for thing in report.things]
    assert (report.traces, listed.traces) == (1, 1)
    assert world.files() == {str(other.relative_to(world.root))}
    assert world.rows() == before


def test_what_the_registry_points_to_stays_and_is_told(world: World) -> None:
    experiment = world.experiment()
    by_id, by_source = world.run(experiment, "a"), world.run(experiment, "b")
    model = world.store.create_logged_model(experiment, "net")
    world.write(model.artifact_location, "MLmodel")
    name = f"forecast-{experiment}"
    world.registry.create_registered_model(name)
    world.registry.create_model_version(name, "s3://elsewhere/x", by_id)
    world.registry.create_model_version(name, f"mlflow-artifacts:/{experiment}/{by_source}/artifacts/b")
    world.registry.create_model_version(name, f"mlflow-artifacts:/{experiment}/models/{model.model_id}/artifacts")
    world.registry.set_registered_model_alias(name, "champion", 3)
    for run in (by_id, by_source):
        world.store.delete_run(run)
    world.store.delete_logged_model(model.model_id)
    world.long_ago()
    files = world.files()

    report = world.collect()

    assert (report.things, report.failed) == ([], [])
    said = {note.id: note.why for note in report.kept}
    assert said == {
        by_id: f'registered model "{name}", version 1, points to it',
        by_source: f'registered model "{name}", version 2, points to it',
        model.model_id: f'registered model "{name}", version 3 (champion), points to it',
    }
    assert world.files() == files

    world.registry.delete_registered_model(name)
    assert len(world.collect().things) == 3


def test_an_experiment_of_a_prompt_stays_and_so_does_one_with_a_run_that_stays(world: World) -> None:
    prompted, held = world.experiment(), world.experiment()
    tags = [
        RegisteredModelTag("mlflow.prompt.is_prompt", "true"),
        RegisteredModelTag("_mlflow_experiment_ids", f",{prompted},"),
    ]
    world.registry.create_registered_model(f"greeting-{prompted}", tags)
    run = world.run(held, "a")
    world.registry.create_registered_model(f"net-{held}")
    world.registry.create_model_version(f"net-{held}", "s3://elsewhere/x", run)
    for experiment in (prompted, held):
        world.store.delete_experiment(experiment)
    world.long_ago()

    said = {note.id: note.why for note in world.collect().kept}

    assert said[prompted] == f'prompt "greeting-{prompted}" belongs to it'
    assert said[held] == f"its run {run} stays"
    world.registry.delete_registered_model(f"greeting-{prompted}")
    world.registry.delete_registered_model(f"net-{held}")


def test_what_bears_another_name_is_told_and_the_rest_goes_on(world: World) -> None:
    experiment = world.experiment()
    victim, forged, plain = world.run(experiment, "precious"), world.run(experiment), world.run(experiment, "x")
    world.place(forged, f"mlflow-artifacts:/{experiment}/{victim}/artifacts")
    for run in (forged, plain):
        world.store.delete_run(run)
    world.long_ago()

    report = world.collect()

    assert [thing.id for thing in report.things] == [plain]
    (note,) = report.failed
    assert note.id == forged
    assert "does not bear its name" in note.why
    assert world.files() == {f"{experiment}/{victim}/artifacts/precious"}


def test_a_long_history_goes_in_many_statements(world: World) -> None:
    experiment = world.experiment()
    before = world.rows()
    run = world.run(experiment)
    for start in range(0, 5_000, 1_000):
        world.store.log_batch(run, [Metric("m", 1.5, step, step) for step in range(start, start + 1_000)], [], [])
    world.store.delete_run(run)

    assert world.collect(age=timedelta(0)).rows >= 5_000
    assert world.rows() == before


def add_trace(world: World, experiment: str, name: str) -> None:
    location = TraceLocation.from_experiment_id(experiment)
    info = TraceInfo(name, location, 1, TraceState.OK, trace_metadata={"a": "b"}, tags={"c": "d"})
    world.store.start_trace(info)
