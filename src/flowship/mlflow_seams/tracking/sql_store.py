"""MLflow's module of its SQL tracking store, whose private functions several seams here call."""

from __future__ import annotations

from functools import cache
from typing import Any

from flowship.mlflow_seams.installation import module


@cache
def sql_store() -> Any:
    """Give the module, imported when it is first needed."""
    return module("mlflow.store.tracking.sqlalchemy_store")
