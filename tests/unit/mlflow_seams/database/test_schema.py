"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

from flowship.database.part import Part
from flowship.mlflow_seams.database import schema as mlflow_schema
from tests.unit.in_mlflow import in_mlflow


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
            mlflow_schema.revisions(part.migrations)
        )
        assert scripts.get_heads() == [part.head]

    def test_mlflow_asks_for_the_same_last_revision(self) -> None:
        from mlflow.store.db import utils

        assert utils._get_latest_schema_revision() == Part.TRACKING.head

    def test_the_first_tracking_tables_are_these(self) -> None:
        from mlflow.store.tracking.dbmodels.initial_models import Base

        assert set(Base.metadata.tables) == mlflow_schema.FIRST_TRACKING_TABLES

    def test_finding_the_revisions_does_not_import_mlflow(self) -> None:
        program = (
            "import sys; from flowship.database.part import Part; print(Part.TRACKING.head, Part.AUTH.head);"
            "assert not {'mlflow', 'alembic', 'sqlalchemy.orm'} & set(sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

        assert (done.returncode, done.stderr) == (0, "")


class TestAuthSchema:
    def test_mlflow_migrates_the_auth_tables_by_this_function(self) -> None:
        printed = in_mlflow(
            "import inspect; from mlflow.server.auth.db import utils, models;"
            "print(list(inspect.signature(utils.migrate).parameters), utils.INITIAL_REVISION, sep='\\n');"
            "print(*sorted(models.Base.metadata.tables))"
        )
        parameters, first, tables = printed.splitlines()

        assert parameters == "['engine', 'revision']"
        assert first == mlflow_schema.FIRST_AUTH_REVISION
        assert set(tables.split()) <= mlflow_schema.AUTH_TABLES

    def test_the_auth_tables_are_those_that_the_scripts_make(self) -> None:
        import re

        made: set[str] = set()
        for script in (mlflow_schema.auth_migrations() / "versions").glob("*.py"):
            made |= set(re.findall(r"op\.create_table\(\s*\"(\w+)\"", script.read_text()))

        assert made == mlflow_schema.AUTH_TABLES

    def test_the_auth_scripts_use_this_version_table(self) -> None:
        environment = (mlflow_schema.auth_migrations() / "env.py").read_text()

        assert environment.count(f'version_table="{mlflow_schema.AUTH_VERSION_TABLE}"') == 2

    def test_permissions_become_roles_by_these_functions(self) -> None:
        printed = in_mlflow(
            "import importlib, inspect; from flowship.mlflow_seams.database import schema as mlflow_schema;"
            "script = importlib.import_module(mlflow_schema._PERMISSIONS_TO_ROLES_SCRIPT);"
            "print(script.revision, script._DROPPED_PERMISSION);"
            "print(*inspect.signature(script._get_or_create_synthetic_role).parameters);"
            "print(*inspect.signature(script._insert_role_permission_if_missing).parameters)"
        )

        assert printed.splitlines() == [
            f"{mlflow_schema.PERMISSIONS_TO_ROLES} NO_PERMISSIONS",
            "conn user_id workspace",
            "conn role_id resource_type resource_pattern permission",
        ]
