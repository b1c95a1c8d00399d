from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, event, insert

from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.traces import tables as traces_seam

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.mlflow_seams.tracking.traces.tables import TraceTables

RUN = {"name": "n", "user_id": "", "status": "RUNNING", "start_time": 1, "artifact_uri": "mlflow-artifacts:/1/r"}


@pytest.fixture(scope="session")
def tables() -> Tables:
    return seam.tables()


@pytest.fixture(scope="session")
def trace_tables() -> TraceTables:
    return traces_seam.trace_tables()


@pytest.fixture
def engine(tmp_path: Path, tables: Tables) -> Iterator[Engine]:
    """A database with MLflow's tables, two active runs `r1` and `r2` and a deleted one `gone`."""
    engine = create_engine(f"sqlite:///{tmp_path / 'mlflow.db'}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))
    tables.runs.metadata.create_all(engine, [getattr(tables, field.name) for field in fields(tables)])
    with engine.begin() as connection:
        experiment = {"experiment_id": 1, "name": "e", "artifact_location": "mlflow-artifacts:/1"}
        connection.execute(
            insert(tables.experiments), {**experiment, "lifecycle_stage": "active", "workspace": "default"}
        )
        for run_id, stage in (("r1", "active"), ("r2", "active"), ("gone", "deleted")):
            connection.execute(
                insert(tables.runs), {**RUN, "run_uuid": run_id, "experiment_id": 1, "lifecycle_stage": stage}
            )
    yield engine
    engine.dispose()
