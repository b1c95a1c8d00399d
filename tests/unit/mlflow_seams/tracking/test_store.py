"""MLflow's ordinary tracking store, and its tables."""

from __future__ import annotations

import pytest

from tests.unit.in_mlflow import in_mlflow


def test_the_tables_have_the_columns_that_are_read_and_written() -> None:
    from flowship.mlflow_seams.tracking import store as tracking

    tables = tracking.tables()

    assert {*tables.metrics.primary_key.columns.keys()} == {"key", "timestamp", "step", "run_uuid", "value", "is_nan"}
    for table in (tables.latest_metrics, tables.params, tables.tags):
        assert {*table.primary_key.columns.keys()} == {"key", "run_uuid"}
    assert {*tables.metrics.c.keys()} == {"key", "value", "timestamp", "step", "is_nan", "run_uuid"}
    assert {*tables.latest_metrics.c.keys()} == {"key", "value", "timestamp", "step", "is_nan", "run_uuid"}
    for table in (tables.params, tables.tags):
        assert {*table.c.keys()} == {"key", "value", "run_uuid"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [("MLFLOW_ENABLE_WORKSPACES", "true"), ("_MLFLOW_SERVER_READ_REPLICA_BACKEND_STORE", "sqlite://")],
)
def test_a_store_with_workspaces_or_a_replica_is_left_alone(variable: str, value: str) -> None:
    program = (
        f"import os; os.environ[{variable!r}] = {value!r}\n"
        "from flowship.mlflow_seams.tracking import store as tracking; print(tracking.ordinary_store())"
    )

    assert in_mlflow(program) == "None"
