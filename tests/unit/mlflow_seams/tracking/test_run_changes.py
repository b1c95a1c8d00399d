"""What a new run takes from MLflow: its name, its place, the columns that are always the same, and who may make it."""

from __future__ import annotations

from tests.unit.in_mlflow import in_mlflow

MADE = """
from mlflow.store.tracking.dbmodels.models import SqlRun
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
from sqlalchemy import select
from flowship.mlflow_seams.tracking import run_changes as seam

store = SqlAlchemyStore("sqlite:///mlflow.db", "mlflow-artifacts:/")
made = store.create_run("0", "ada", 1, [], None)
with store.engine.connect() as connection:
    (row,) = connection.execute(select(SqlRun.__table__)).mappings()
asked = {"run_uuid", "name", "experiment_id", "user_id", "start_time", "artifact_uri"}
assert seam.NEW_RUN == {column: value for column, value in row.items() if column not in asked}, row
assert row["artifact_uri"] == seam.artifact_uri("mlflow-artifacts:/0", made.info.run_id)
print("as MLflow makes it")
"""


def test_a_new_run_has_the_columns_that_mlflow_gives_it() -> None:
    program = (
        "import os, pathlib, tempfile; from tests.unit.in_mlflow import with_tables\n"
        f"os.chdir(with_tables(pathlib.Path(tempfile.mkdtemp())))\n{MADE}"
    )

    assert in_mlflow(program) == "as MLflow makes it"


def test_columns_keep_what_is_taken_for_them() -> None:
    from flowship.mlflow_seams.tracking import run_changes as seam
    from flowship.mlflow_seams.tracking.store import tables

    runs, tags = tables().runs.c, tables().tags.c
    assert runs.artifact_uri.type.length == seam.LONGEST_PLACE  # type: ignore[attr-defined]
    assert runs.user_id.type.length == seam.LONGEST_USER  # type: ignore[attr-defined]
    assert runs.name.type.length == tags.key.type.length == seam.LONGEST_NAME  # type: ignore[attr-defined]
    assert tags.value.type.length == seam.LONGEST_VALUE  # type: ignore[attr-defined]


def test_a_place_that_mlflow_refuses_or_cannot_keep_is_none() -> None:
    from flowship.mlflow_seams.tracking.run_changes import artifact_uri

    assert artifact_uri("s3://bucket/1?a=b", "r") == "s3://bucket/1/r/artifacts?a=b"
    assert artifact_uri("s3://bucket/1?a=/../../", "r") is None
    assert artifact_uri("s3://" + "b" * 200, "r") is None


def test_a_run_without_a_name_gets_one() -> None:
    from flowship.mlflow_seams.tracking.run_changes import random_name

    assert random_name() != random_name()


def test_who_may_make_a_run_is_decided_as_in_mlflows_own_check() -> None:
    program = (
        "import inspect; from mlflow.protos.service_pb2 import CreateRun\n"
        "from flowship.mlflow_seams.auth.users import auth_app; auth = auth_app()\n"
        "asked = []\n"
        "auth._authorize_create_in_experiment = lambda *given: asked.append(given)\n"
        "auth._get_request_param = lambda name: name\n"
        "auth.BEFORE_REQUEST_HANDLERS[CreateRun]()\n"
        "assert asked == [('experiment_id', auth.RESOURCE_TYPE_RUN)]\n"
        "print([*inspect.signature(auth._authorize_create_in_experiment_as).parameters][:3])"
    )

    assert in_mlflow(program) == "['username', 'experiment_id', 'created_type']"


def test_nothing_follows_when_a_run_was_made_or_changed() -> None:
    program = (
        "from mlflow.protos.service_pb2 import CreateRun, UpdateRun\n"
        "from flowship.mlflow_seams.auth.users import auth_app; auth = auth_app()\n"
        "assert {CreateRun, UpdateRun} <= auth.BEFORE_REQUEST_HANDLERS.keys()\n"
        "print({CreateRun, UpdateRun} & auth.AFTER_REQUEST_PATH_HANDLERS.keys())"
    )

    assert in_mlflow(program) == "set()"
