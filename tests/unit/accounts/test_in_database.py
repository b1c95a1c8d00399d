"""Users, roles and grants in MLflow's own store, by everything that the terminal does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from flowship.accounts.in_database import in_database
from flowship.database.database import Database
from flowship.database.part import Part
from flowship.database.url import sqlite_url
from flowship.errors import AccountsError
from tests.unit.in_mlflow import in_mlflow, with_tables

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import json
from pathlib import Path
from sqlalchemy import create_engine, text
from flowship.accounts import grants, roles, users
from flowship.accounts.in_database import in_database
from flowship.accounts.permissions import resource
from flowship.database.database import Database
from flowship.database.part import Part
from flowship.database.url import sqlite_url
from flowship.errors import AccountsError
from flowship.mlflow_seams.database import schema

url = sqlite_url(Path({directory!r}) / "auth.db")
schema.upgrade_auth(create_engine(url))
told, changes = [], []

def refused(work):
    try:
        work()
    except AccountsError as error:
        told.append(str(error))

tracking = Database(Part.TRACKING, sqlite_url(Path({directory!r}) / "mlflow.db"), "backendStore")
with tracking.engine().begin() as connection:
    connection.execute(text("INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (1, 'e', 'active')"))
with in_database(Database(Part.AUTH, url, "auth.sqliteFile"), tracking, lambda *said: changes.append(said)) as found:
    for name in ("root", "ada"):
        users.add(found, name, "a long password", is_admin=name == "root")
    found.set_password("ada", "another long password")
    roles.add(found, "readers", "default", "who reads")
    roles.assign(found, "readers", "default", "ada")
    for level in ("READ", "EDIT"):
        grants.to_user(found, "ada", level, resource("experiment:1"))
        grants.to_role(found, "readers", "default", level, resource("prompt:*"))
    users.disable(found, "ada")
    users.set_admin(found, "ada", is_admin=True)
    found.require_flowship()
    (ada,) = [user for user in found.users() if user.name == "ada"]
    told.append([ada.is_admin, ada.is_disabled, [role.name for role in ada.roles]])
    for holder in (ada, *ada.roles):
        told.append([[grant.permission, grant.on] for grant in holder.grants])
    refused(lambda: grants.to_user(found, "ada", "READ", resource("experiment:2")))
    refused(lambda: found.add_user("a:b", "a long password"))
    refused(lambda: found.add_user("bob", "short"))
    refused(lambda: found.add_user("ada", "a long password"))
    users.enable(found, "ada")
    grants.from_user(found, "ada", resource("experiment:1"))
    grants.from_role(found, "readers", "default", resource("prompt:*"))
    roles.unassign(found, "readers", "default", "ada")
    found.delete_role(roles.named(found, "readers", "default"))
    (ada,) = [user for user in found.users() if user.name == "ada"]
    told.append([ada.is_disabled, len(ada.roles), len(ada.grants), len(roles.given(found)), found.is_own("ada")])
    users.delete(found, "ada")
    told.append([user.name for user in found.users()])
    told.append([[what, outcome] for what, outcome, about in changes if about.get("username") == "ada"])
    told.append(changes[-1])
    assert "password" not in str([about for what, outcome, about in changes])
print(json.dumps(told))
"""


def test_everything_is_done_in_mlflows_store(tmp_path: Path) -> None:
    assert json.loads(in_mlflow(PROGRAM.format(directory=str(with_tables(tmp_path))))) == [
        [True, True, ["readers"]],
        [["EDIT", "experiment:1"]],
        [["EDIT", "prompt:*"]],
        "There is no experiment 2. The address of an experiment's page shows its number.",
        "The user's name holds `:`, which a login by HTTP cannot carry. Write another name.",
        "Password must be at least 12 characters.",
        "User (username=ada) already exists.",
        [False, 0, 0, 0, False],
        ["root"],
        [
            ["users/create", "done"],
            ["users/update-password", "done"],
            ["roles/assign", "done"],
            ["users/permissions/grant", "done"],
            ["roles/assign", "done"],
            ["users/update-admin", "done"],
            ["users/create", "failed"],
            ["roles/unassign", "done"],
            ["roles/unassign", "done"],
            ["users/delete", "done"],
        ],
        ["users/delete", "done", {"username": "ada"}],
    ]


def test_a_database_without_these_tables_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "auth.db"
    database = Database(Part.AUTH, sqlite_url(file), "auth.sqliteFile")

    for expected in (
        "There are no users yet: sqlite:",
        "does not hold the users of this MLflow, but nothing. Run `flow",
    ):
        with pytest.raises(AccountsError, match=expected), in_database(database, database):
            pass
        file.touch()
