"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowship import mlflow_seams
from flowship.database.revision import Part


def signature(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


class TestSchemas:
    def test_mlflow_makes_and_upgrades_the_tracking_tables_by_these_functions(self) -> None:
        from mlflow.store.db import utils

        assert signature(utils._initialize_tables) == ["engine"]
        assert signature(utils._upgrade_db) == ["engine"]

    @pytest.mark.parametrize("part", Part)
    def test_the_revisions_read_as_text_are_those_that_alembic_finds(self, part: Part) -> None:
        from alembic.script import ScriptDirectory

        scripts = ScriptDirectory(str(part.migrations))

        assert {script.revision: script.down_revision for script in scripts.walk_revisions()} == (
            mlflow_seams.revisions(part.migrations)
        )
        assert scripts.get_heads() == [part.head]

    def test_mlflow_asks_for_the_same_last_revision(self) -> None:
        from mlflow.store.db import utils

        assert utils._get_latest_schema_revision() == Part.TRACKING.head

    def test_the_first_tracking_tables_are_these(self) -> None:
        from mlflow.store.tracking.dbmodels.initial_models import Base

        assert set(Base.metadata.tables) == mlflow_seams.FIRST_TRACKING_TABLES

    def test_finding_the_revisions_does_not_import_mlflow(self) -> None:
        program = (
            "import sys; from flowship.database.revision import Part; print(Part.TRACKING.head, Part.AUTH.head);"
            "assert not {'mlflow', 'alembic', 'sqlalchemy.orm'} & set(sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

        assert (done.returncode, done.stderr) == (0, "")


class TestAuthSchema:
    """In a process of their own: importing MLflow's auth app reads its configuration and warns."""

    @staticmethod
    def in_mlflow(program: str) -> str:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def test_mlflow_migrates_the_auth_tables_by_this_function(self) -> None:
        printed = self.in_mlflow(
            "import inspect; from mlflow.server.auth.db import utils, models;"
            "print(list(inspect.signature(utils.migrate).parameters), utils.INITIAL_REVISION, sep='\\n');"
            "print(*sorted(models.Base.metadata.tables))"
        )
        parameters, first, tables = printed.splitlines()

        assert parameters == "['engine', 'revision']"
        assert first == mlflow_seams.FIRST_AUTH_REVISION
        assert set(tables.split()) <= mlflow_seams.AUTH_TABLES

    def test_the_auth_tables_are_those_that_the_scripts_make(self) -> None:
        import re

        made: set[str] = set()
        for script in (mlflow_seams.auth_migrations() / "versions").glob("*.py"):
            made |= set(re.findall(r"op\.create_table\(\s*\"(\w+)\"", script.read_text()))

        assert made == mlflow_seams.AUTH_TABLES

    def test_the_auth_scripts_use_this_version_table(self) -> None:
        environment = (mlflow_seams.auth_migrations() / "env.py").read_text()

        assert environment.count(f'version_table="{mlflow_seams.AUTH_VERSION_TABLE}"') == 2

    def test_permissions_become_roles_by_these_functions(self) -> None:
        printed = self.in_mlflow(
            "import importlib, inspect; from flowship import mlflow_seams;"
            "script = importlib.import_module(mlflow_seams._PERMISSIONS_TO_ROLES_SCRIPT);"
            "print(script.revision, script._DROPPED_PERMISSION);"
            "print(*inspect.signature(script._get_or_create_synthetic_role).parameters);"
            "print(*inspect.signature(script._insert_role_permission_if_missing).parameters)"
        )

        assert printed.splitlines() == [
            f"{mlflow_seams.PERMISSIONS_TO_ROLES} NO_PERMISSIONS",
            "conn user_id workspace",
            "conn role_id resource_type resource_pattern permission",
        ]


class TestUsersAndHosts:
    def test_users_are_kept_by_this_store(self, tmp_path: Path) -> None:
        printed = TestAuthSchema.in_mlflow(
            "from sqlalchemy import create_engine; from flowship import mlflow_seams;"
            "from flowship.database.url import sqlite_url; from pathlib import Path;"
            f"url = sqlite_url(Path({str(tmp_path)!r}) / 'auth.db');"
            "mlflow_seams.upgrade_auth(create_engine(url));"
            "store = mlflow_seams.auth_store(url).__enter__();"
            "store.create_user('ada', 'a long password', is_admin=True);"
            "store.update_user('ada', password='another password', is_admin=False);"
            "print(store.has_user('ada'), store.has_user('eve'));"
            "print(store.authenticate_user('ada', 'another password'), store.authenticate_user('ada', 'wrong'))"
        )

        assert printed.splitlines() == ["True False", "True False"]

    def test_mlflow_names_the_hosts_that_it_accepts_by_itself(self) -> None:
        printed = TestAuthSchema.in_mlflow(
            "from flowship import mlflow_seams; print(*mlflow_seams.default_allowed_hosts())"
        )

        assert {"localhost", "127.0.0.1", "localhost:*", "10.*", "192.168.*"} <= set(printed.split())


class TestAuthentication:
    def test_mlflow_asks_for_credentials_in_these_words(self) -> None:
        printed = TestAuthSchema.in_mlflow(
            "from flask import Flask; from flowship import mlflow_seams;\n"
            "with Flask('x').app_context():\n"
            "    found = mlflow_seams._auth().make_basic_auth_response()\n"
            "print(found.status_code, found.headers['WWW-Authenticate'], found.get_data(as_text=True), sep='\\n')"
        )

        assert printed.splitlines() == ["401", 'Basic realm="mlflow"', mlflow_seams.UNAUTHENTICATED]

    def test_mlflow_tells_which_paths_are_open(self) -> None:
        printed = TestAuthSchema.in_mlflow(
            "import os; os.environ['_MLFLOW_STATIC_PREFIX'] = '/mlflow'; from flowship import mlflow_seams;"
            "paths = ['/health', '/mlflow/health', '/mlflow/static-files/x.js', '/', '/mlflow/', '/api/2.0/mlflow/x'];"
            "print(*[mlflow_seams.is_open_path(path) for path in paths])"
        )

        assert printed.split() == ["True"] * 3 + ["False"] * 3

    def test_mlflow_verifies_passwords_but_the_old_default_one_of_an_admin(self, tmp_path: Path) -> None:
        printed = TestAuthSchema.in_mlflow(
            "from pathlib import Path; from flowship import mlflow_seams; from flowship.database.url import sqlite_url;"
            f"url = sqlite_url(Path({str(tmp_path)!r}) / 'auth.db');"
            "store = mlflow_seams._auth().store; store.init_db(str(url));"
            "store.create_user('ann', 'open sesame!'); store.create_user('root', 'password1234', is_admin=True);"
            "right = mlflow_seams.is_password_of;"
            "print(right('ann', 'open sesame!'), right('ann', 'other'), right('eve', 'x'));"
            "print(right('root', 'password1234'))"
        )

        assert printed.splitlines()[-2:] == ["True False False", "False"]

    def test_the_gateway_takes_credentials_in_this_header_and_with_this_token(self) -> None:
        printed = TestAuthSchema.in_mlflow(
            "import os; from flowship import mlflow_seams; print(mlflow_seams.gateway_token());"
            "os.environ['_MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN'] = 'secret';"
            "print(mlflow_seams.gateway_token(), mlflow_seams.gateway_header());"
            "import inspect; source = inspect.getsource(mlflow_seams._auth()._authenticate_fastapi_request);"
            "print(source.count(f'startswith(\"{mlflow_seams.GATEWAY_PATH}\")'))"
        )

        assert printed.splitlines() == ["None", "secret X-MLflow-Authorization", "2"]
