from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert

from flowship.tracking.reading.readers import Readers

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.mlflow_seams.tracking.store import Tables

METRIC = {"run_uuid": "r1", "key": "loss", "value": 2.0, "timestamp": 3, "step": 4, "is_nan": False}
DATASET = {"experiment_id": 1, "name": "d", "digest": "1", "dataset_source_type": "local", "dataset_source": "here"}
INPUTS = [
    ("DATASET", "d1", "RUN", "r1", 0),
    ("RUN_INPUT", "r1", "MODEL_INPUT", "m-1", 0),
    ("RUN_OUTPUT", "r1", "MODEL_OUTPUT", "m-2", 5),
    ("RUN_OUTPUT", "r1", "MODEL_INPUT", "m-3", 0),
]
LINK = ("source_type", "source_id", "destination_type", "destination_id", "step")


@pytest.fixture
def asked(engine: Engine) -> list[str]:
    """The statements that the database gets."""
    found: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *said: found.append(said[2]))
    return found


@pytest.fixture
def linked(engine: Engine, tables: Tables) -> None:
    """A run with one of everything, and links to a dataset with a tag and to models, one of a kind that is unknown."""
    with engine.begin() as connection:
        # MLflow's key of these tags is not one of those that SQLite takes.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.execute(insert(tables.latest_metrics), METRIC)
        connection.execute(insert(tables.params), {"run_uuid": "r1", "key": "p", "value": "1"})
        connection.execute(insert(tables.tags), {"run_uuid": "r1", "key": "t", "value": "2"})
        connection.execute(insert(tables.datasets), {"dataset_uuid": "d1", **DATASET})
        links = [dict(zip(LINK, link, strict=True)) for link in INPUTS]
        connection.execute(insert(tables.inputs), [{**link, "input_uuid": f"i{n}"} for n, link in enumerate(links)])
        connection.execute(insert(tables.input_tags), {"input_uuid": "i0", "name": "context", "value": "train"})


DATA = {
    "metrics": [{"key": "loss", "value": 2.0, "timestamp": 3, "step": 4}],
    "params": [{"key": "p", "value": "1"}],
    "tags": [{"key": "t", "value": "2"}],
}
DATASETS = [
    {
        "dataset": {"name": "d", "digest": "1", "source_type": "local", "source": "here"},
        "tags": [{"key": "context", "value": "train"}],
    }
]
OUTPUTS = {"model_outputs": [{"model_id": "m-2", "step": 5}]}


def test_a_run_without_datasets_takes_one_statement(engine: Engine, tables: Tables, asked: list[str]) -> None:
    with engine.connect() as connection:
        found: Any = Readers(tables, engine.dialect).runs.read(connection, "r2")

    assert found["run"]["info"]["run_id"] == "r2"
    assert (found["run"]["data"], found["run"]["inputs"], found["run"]["outputs"]) == ({}, {}, {})
    assert len(asked) == 1


@pytest.mark.usefixtures("linked")
def test_a_run_is_told_with_all_that_belongs_to_it(engine: Engine, tables: Tables, asked: list[str]) -> None:
    with engine.connect() as connection:
        found: Any = Readers(tables, engine.dialect).runs.read(connection, "r1")

    run = found["run"]
    assert run["data"] == DATA
    assert run["inputs"] == {"dataset_inputs": DATASETS, "model_inputs": [{"model_id": "m-1"}]}
    assert run["outputs"] == OUTPUTS
    assert len(asked) == 2


@pytest.mark.usefixtures("linked")
def test_several_runs_take_one_statement_and_one_for_datasets(engine: Engine, tables: Tables, asked: list[str]) -> None:
    runs: Any = [
        {"run_uuid": run, "name": "n", "experiment_id": 1, "user_id": "", "status": "RUNNING", "start_time": 1}
        | {"end_time": None, "artifact_uri": "a", "lifecycle_stage": "active"}
        for run in ("r2", "r1")
    ]
    with engine.connect() as connection:
        whole = Readers(tables, engine.dialect).search._whole
        without: Any = whole.read(connection, runs[:1])
        assert len(asked) == 1
        found: Any = whole.read(connection, runs)

    assert [run["data"] for run in (*without, *found)] == [{}, {}, DATA]
    assert [run["inputs"] for run in found] == [{}, {"dataset_inputs": DATASETS}]
    assert [run["outputs"] for run in found] == [{}, OUTPUTS]
    assert len(asked) == 3
