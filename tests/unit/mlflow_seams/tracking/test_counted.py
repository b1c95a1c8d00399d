"""The tables and columns that are counted are MLflow's."""

from __future__ import annotations

import re

import pytest
from mlflow.store.db.base_sql_model import Base
from mlflow.store.model_registry.dbmodels import models as _registry  # noqa: F401 - tells Base of its tables
from mlflow.store.tracking.dbmodels import models as _tracking  # noqa: F401 - tells Base of its tables

from flowship.mlflow_seams.tracking import counted


@pytest.mark.parametrize("table", counted.ESTIMATED)
def test_every_table_is_one_of_mlflows(table: str) -> None:
    assert table in Base.metadata.tables


@pytest.mark.parametrize("query", [counted.EXPERIMENTS, counted.RUNS])
def test_every_column_is_one_of_its_table(query: str) -> None:
    columns, table = re.findall(r"SELECT (.+), COUNT.* FROM (\w+)", query)[0]

    assert set(columns.split(", ")) <= set(Base.metadata.tables[table].columns.keys())
