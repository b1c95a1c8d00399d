"""That whoever restores a run or an experiment by MLflow's own rows is asked for, in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowship.mlflow_seams.installation import quiet
from flowship.mlflow_seams.tracking.restoring import ask_before_restoring
from tests.databases import make_tables
from tests.unit.in_memory import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")
"""MLflow's classes use what SQLAlchemy will drop."""

asked: list[tuple[str, str, int]] = []
refusals: dict[str, str] = {}


def refusal(_connection: Connection, kind: str, name: str, experiment: int) -> str | None:
    asked.append((kind, name, experiment))
    return refusals.get(name)


@pytest.fixture(scope="module", autouse=True)
def guarded() -> Iterator[None]:
    with quiet():
        from mlflow.store.model_registry.dbmodels import models

        assert models.SqlRegisteredModel  # to which rows of runs refer
        end = ask_before_restoring(refusal)
    yield
    end()


@pytest.fixture
def engine() -> Iterator[Engine]:
    from mlflow.store.tracking.dbmodels.models import SqlExperiment, SqlRun
    from sqlalchemy.orm import Session

    asked.clear()
    refusals.clear()
    with in_memory() as engine:
        tables: list[Any] = [SqlExperiment.__table__, SqlRun.__table__]
        make_tables(engine, tables)
        with Session(engine) as session, session.begin():
            session.add(SqlExperiment(experiment_id=7, name="churn", lifecycle_stage="deleted"))
            session.flush()
            session.add(SqlRun(run_uuid="a" * 32, experiment_id=7, lifecycle_stage="deleted", user_id="ada"))
        yield engine


def change(engine: Engine, key: str, **values: Any) -> None:
    """Change a row by MLflow's own class, as its store does."""
    from mlflow.store.tracking.dbmodels.models import SqlExperiment, SqlRun
    from sqlalchemy.orm import Session

    with Session(engine) as session, session.begin():
        row: Any = session.get(SqlExperiment, 7) if key == "7" else session.get(SqlRun, key)
        for name, value in values.items():
            setattr(row, name, value)


@pytest.mark.parametrize(("kind", "name"), [("run", "a" * 32), ("experiment", "7")])
def test_who_restores_is_asked_for_and_may_be_refused(engine: Engine, kind: str, name: str) -> None:
    from mlflow.exceptions import MlflowException

    refusals[name] = "It is being removed."
    with pytest.raises(MlflowException, match=r"It is being removed\.") as raised:
        change(engine, name, lifecycle_stage="active")

    assert raised.value.get_http_status_code() == 400
    assert asked == [(kind, name, 7)]
    refusals.clear()
    change(engine, name, lifecycle_stage="active")
    assert asked == [(kind, name, 7)] * 2


def test_who_changes_something_else_is_not_asked_for(engine: Engine) -> None:
    change(engine, "a" * 32, name="other")
    change(engine, "7", lifecycle_stage="active")
    asked.clear()
    change(engine, "7", name="other")

    assert asked == []
