from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, update

from flowship.database.served.connections import Connections
from flowship.tracking.writing.runs import NewRun, RunChanges
from flowship.tracking.writing.writers import Writers

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.mlflow_seams.tracking.store import Tables

NEW = NewRun(1, "one", "ada", 7, (("t", "1"), ("mlflow.runName", "one")))


@pytest.fixture
def writers(engine: Engine, tables: Tables) -> Writers:
    return Writers(Connections(engine), tables)


def create(writers: Writers, wanted: NewRun) -> Any:
    return writers.transactions.run(lambda connection: writers.runs.create(connection, wanted))


def change(
    writers: Writers, run_id: str, status: str | None = None, end_time: int | None = None, name: str = ""
) -> Any:
    wanted = RunChanges(status, end_time, name)
    return writers.transactions.run(lambda connection: writers.runs.change(connection, run_id, wanted))


def runs(engine: Engine, tables: Tables) -> dict[str, Any]:
    with engine.connect() as connection:
        return {row.run_uuid: row for row in connection.execute(select(tables.runs))}


def tags(engine: Engine, tables: Tables, run_id: str) -> dict[str, str]:
    with engine.connect() as connection:
        found = connection.execute(select(tables.tags).where(tables.tags.c.run_uuid == run_id))
        return {row.key: row.value for row in found}


def test_a_run_is_made_in_its_experiments_place(writers: Writers, engine: Engine, tables: Tables) -> None:
    made = create(writers, NEW)["run"]

    info = made["info"]
    run_id = info["run_id"]
    assert info["artifact_uri"] == f"mlflow-artifacts:/1/{run_id}/artifacts"
    assert (info["run_name"], info["user_id"], info["start_time"], info["status"]) == ("one", "ada", 7, "RUNNING")
    assert made["data"] == {"tags": [{"key": "t", "value": "1"}, {"key": "mlflow.runName", "value": "one"}]}
    row = runs(engine, tables)[run_id]
    assert (row.name, row.artifact_uri, row.lifecycle_stage) == ("one", info["artifact_uri"], "active")
    assert tags(engine, tables, run_id) == dict(NEW.tags)


@pytest.mark.parametrize(
    "experiment", [{"lifecycle_stage": "deleted"}, {"artifact_location": None}, {"experiment_id": 2}]
)
def test_a_run_is_not_made_in_an_experiment_that_is_deleted_or_unknown(
    writers: Writers, engine: Engine, tables: Tables, experiment: dict[str, Any]
) -> None:
    with engine.begin() as connection:
        if "experiment_id" not in experiment:
            connection.execute(update(tables.experiments).values(experiment))

    assert create(writers, NEW._replace(experiment_id=experiment.get("experiment_id", 1))) is None
    assert runs(engine, tables).keys() == {"r1", "r2", "gone"}


def test_a_run_is_changed_in_what_is_said_only(writers: Writers, engine: Engine, tables: Tables) -> None:
    assert change(writers, "r1", "FINISHED", 9)["run_info"]["end_time"] == 9
    assert change(writers, "r1", name="two")["run_info"]["status"] == "FINISHED"
    assert change(writers, "r1", name="three")["run_info"]["run_name"] == "three"
    assert change(writers, "r1")["run_info"]["run_name"] == "three"

    row = runs(engine, tables)["r1"]
    assert (row.status, row.end_time, row.name) == ("FINISHED", 9, "three")
    assert tags(engine, tables, "r1") == {"mlflow.runName": "three"}
    assert runs(engine, tables)["r2"].name == "n"


def test_a_run_of_an_old_version_is_told_by_its_tag(writers: Writers, engine: Engine, tables: Tables) -> None:
    with engine.begin() as connection:
        connection.execute(update(tables.runs).values(name=""))
        connection.execute(insert(tables.tags), {"run_uuid": "r1", "key": "mlflow.runName", "value": "old"})

    assert change(writers, "r1", "FAILED")["run_info"]["run_name"] == "old"
    assert runs(engine, tables)["r1"].name == ""


@pytest.mark.parametrize("run_id", ["gone", "none"])
def test_a_run_that_is_deleted_or_unknown_is_left_to_mlflow(
    writers: Writers, engine: Engine, tables: Tables, run_id: str
) -> None:
    before = runs(engine, tables)

    assert change(writers, run_id, "FAILED", 9, "two") is None
    assert runs(engine, tables) == before
    assert tags(engine, tables, run_id) == {}
