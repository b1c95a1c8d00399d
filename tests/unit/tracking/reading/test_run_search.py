from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from flowship.tracking.reading import run_statements
from flowship.tracking.reading.readers import Readers
from flowship.tracking.reading.searches import Wanted

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.mlflow_seams.tracking.store import Tables

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::sqlalchemy.exc.SADeprecationWarning")
"""MLflow's own, when its store is imported."""


@pytest.mark.parametrize(("offset", "searches"), [(0, 2), (run_statements.WALKED - 3, 1)])
def test_first_values_are_walked_only_for_pages_that_they_can_fill(
    engine: Engine, tables: Tables, offset: int, searches: int
) -> None:
    search = Readers(tables, engine.dialect).search
    search._has_values = True
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    with engine.connect() as connection:
        found = search.read(connection, Wanted("", ("metrics.loss",), ("active",)), [1], offset, 3)

    assert found is not None
    assert len(found.get("runs", ())) == (2 if offset == 0 else 0)
    assert sum("latest_metrics" in statement and "LIMIT" in statement for statement in asked) == searches
