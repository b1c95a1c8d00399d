"""Who may do what with a run, as MLflow decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.in_mlflow import in_mlflow, with_tables

if TYPE_CHECKING:
    from pathlib import Path


def test_mlflow_decides_about_a_run_by_its_experiment_alone() -> None:
    program = """
from types import SimpleNamespace
from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking import run_rights
auth, experiments = auth_app(), {"a": "1", "b": "1", "c": "2"}
runs = {run: SimpleNamespace(info=SimpleNamespace(experiment_id=number)) for run, number in experiments.items()}
auth._get_tracking_store = lambda: SimpleNamespace(get_run=None)
auth._fetch_or_none = lambda get_run, run_id: runs.get(run_id)
for action in ("read", "update"):
    one, other, elsewhere = (auth._run_requirement(run, action) for run in "abc")
    print(one == other, one == elsewhere)
print(run_rights.experiment_of_run("c"), run_rights.experiment_of_run("d"))
"""
    assert in_mlflow(program).splitlines() == ["True False", "True False", "2 None"]


def test_the_experiment_of_a_run_is_read_alone_where_it_is_in_mlflows_own_store(tmp_path: Path) -> None:
    program = f"""
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from flowship.mlflow_seams.tracking import run_rights
store = SqlAlchemyStore({f"sqlite:///{with_tables(tmp_path)}/mlflow.db"!r}, {str(tmp_path)!r})
experiment = store.create_experiment("some")
run = store.create_run(experiment, "ada", 1, [], "run").info.run_id
print(run_rights.read_experiment_of_run(store.get_run, run) == store.get_run(run).info.experiment_id)
print(run_rights.read_experiment_of_run(store.get_run, "none"), run_rights.read_experiment_of_run(len, run))
store.engine.dispose()
"""
    assert in_mlflow(program).splitlines() == ["True", "None None"]
