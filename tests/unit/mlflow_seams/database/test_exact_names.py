"""MLflow's stores take names where they did; what a database makes of other spellings is tried with a real MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.in_mlflow import in_mlflow

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
from flowship.mlflow_seams.database import exact_names
from mlflow.exceptions import MlflowException
from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking

exact_names.find_exact_names()
"""


def test_whatever_takes_a_name_looks_it_up_first() -> None:
    printed = in_mlflow(
        f"{PROGRAM}\n"
        "def guarded(store, *names):\n"
        "    print(*[hasattr(getattr(store, name), '__wrapped__') for name in names])\n"
        "guarded(Registry, 'get_registered_model', 'get_latest_versions', 'get_model_version_by_alias',\n"
        "    'delete_model_version', 'rename_registered_model', 'set_registered_model_tag', 'create_model_version')\n"
        "guarded(Tracking, 'get_scorer', 'register_scorer', 'delete_scorer', 'list_scorer_versions',\n"
        "    'get_mcp_server', 'delete_mcp_server', 'set_mcp_server_alias', 'create_mcp_access_endpoint')\n"
        "guarded(Registry, 'create_webhook', 'search_registered_models')\n"
        "guarded(Tracking, 'create_experiment', 'create_label_schema')\n"
    )

    assert [set(line.split()) for line in printed.splitlines()] == [{"True"}, {"True"}, {"False"}, {"False"}]


def test_a_name_that_the_database_takes_for_another_is_none(tmp_path: Path) -> None:
    """SQLite, told that it is a database which compares without case, and has found another spelling."""
    printed = in_mlflow(
        f"{PROGRAM}\n"
        f"registry = Registry('sqlite:///{tmp_path}/mlflow.db')\n"
        "registry.create_registered_model('Secret'); exact_names.MYSQL = {'sqlite'}\n"
        "print(registry.get_registered_model('Secret').name)\n"
        "looked = exact_names._looking_first(Registry.get_registered_model.__wrapped__, 'name',\n"
        "    lambda store, session, name, said: ['Secret'] if name.lower() == 'secret' else [], 'Registered Model')\n"
        "made = exact_names._looking_first(Registry.create_registered_model.__wrapped__, 'name',\n"
        "    lambda store, session, name, said: ['Secret'], 'Registered Model')\n"
        "for ask in (lambda: looked(registry, 'SECRET'), lambda: looked(registry, name='other'),\n"
        "            lambda: made(registry, 'SECRET')):\n"
        "    try: ask()\n"
        "    except MlflowException as error: print(error.error_code, error.message)\n"
    )

    assert printed.splitlines() == [
        "Secret",
        "RESOURCE_DOES_NOT_EXIST Registered Model with name=SECRET not found",
        "RESOURCE_DOES_NOT_EXIST Registered Model with name=other not found",
        "RESOURCE_ALREADY_EXISTS Registered Model (name=Secret) already exists, which the database takes for the same "
        "name. Write another one.",
    ]
