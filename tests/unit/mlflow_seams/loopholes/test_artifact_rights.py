"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.in_mlflow import in_mlflow, with_tables

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import os
os.environ['_MLFLOW_SERVER_SERVE_ARTIFACTS'] = 'true'
from pathlib import Path
from flowship.artifacts.paths import kept, typed
from flowship.database.url import sqlite_url
from flowship.mlflow_seams.loopholes import artifact_rights
from flowship.mlflow_seams.artifacts import paths
from flowship.mlflow_seams.auth import users
from mlflow.entities import LoggedModelStatus
from mlflow.server import handlers
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

auth = users.auth_app()
auth.store.init_db(sqlite_url(Path({directory!r}) / 'auth.db').render_as_string())
auth.store.create_user('eve', 'a long password')
auth.auth_config = auth.auth_config._replace(default_permission='MANAGE')
store = SqlAlchemyStore(f"sqlite:///{directory}/mlflow.db", 'mlflow-artifacts:/')
handlers._get_tracking_store = auth._get_tracking_store = lambda: store
experiment = store.create_experiment('moved', artifact_location='mlflow-artifacts:/team/x')
run = store.create_run(experiment, 'eve', 0, [], 'r').info.run_id
model = store.create_logged_model(experiment, 'm').model_id
foreign = store.create_run('0', 'eve', 0, [], 'r').info.run_id
paths.read_paths_once(typed, kept, users=True)
artifact_rights.keep_users_to_experiments()

API = '/api/2.0/mlflow-artifacts/artifacts/'
def native(path, action='read', query=None):
    return auth._authorize_fastapi_artifact_proxy(API + path, 'eve', query, action)
def flask(path, action='read', query=''):
    from flask import g
    with auth.app.test_request_context(API + path, query_string=query):
        g.mlflow_authenticated_user = 'eve'
        return auth._authorize_flask_artifact_proxy(action)
"""


def decided(directory: Path, program: str) -> list[str]:
    return in_mlflow(PROGRAM.format(directory=str(with_tables(directory))) + program).splitlines()


def test_what_lies_in_no_experiment_is_for_admins(tmp_path: Path) -> None:
    """By FastAPI's routes and by Flask's, whatever the default permission."""
    printed = decided(
        tmp_path,
        "for path in ('0/x', '1/r/artifacts/x', 'x.txt', 'models/x', '00/x', '\\u0660/x', '99/x', '9' * 30 + '/x',\n"
        "             '', '99/' + 'a' * 32 + '/artifacts/x', 'workspaces/w/0/x', '0'):\n"
        "    print(native(path, 'update'), flask('', 'update', {'path': path}))",
    )

    assert printed[-12:] == ["True True"] * 2 + ["False False"] * 9 + ["True True"]


@pytest.mark.parametrize("child", ["{run}/artifacts", "models/{model}/artifacts"])
def test_an_experiment_may_keep_its_artifacts_in_another_place(tmp_path: Path, child: str) -> None:
    printed = decided(
        tmp_path,
        f"folder = 'team/x/' + {child!r}.format(run=run, model=model)\n"
        "auth.auth_config = auth.auth_config._replace(default_permission='NO_PERMISSIONS')\n"
        "auth.store.grant_user_permission('eve', 'experiment', experiment, 'READ')\n"
        "other = f'team/x/{foreign}/artifacts/a'\n"
        "for path in (folder, folder + '/a/b', folder + '2/a', folder.replace('x', 'y'), other, 'team/x'):\n"
        "    print(native(path), flask('', query={'path': path}), native(path, 'update'))",
    )

    assert printed[-6:] == ["True True False"] * 2 + ["False False False"] * 4
