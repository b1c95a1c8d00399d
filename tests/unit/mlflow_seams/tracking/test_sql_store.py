from __future__ import annotations

from flowship.mlflow_seams.tracking.sql_store import sql_store


def test_the_module_is_that_of_the_store() -> None:
    assert sql_store().SqlAlchemyStore.__module__ == sql_store().__name__
