from __future__ import annotations

import stat
import string
from configparser import ConfigParser
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from flowship.auth.in_mlflow.configuration import configuration, write_configuration
from flowship.errors import DataDirectoryError
from flowship.values.model.root import Values
from tests.databases import users_at
from tests.unit.in_mlflow import in_mlflow

EVERY_CHARACTER = string.printable + "éß密🔑"
VALUES = Values.model_validate(
    {
        "auth": {
            "enabled": True,
            "adminUsername": "100% admin",
            "adminPassword": "correct horse battery",
            "defaultPermission": "USE",
            "authorizationFunction": "my.module:function",
        }
    }
)
DATABASE = users_at(URL.create("postgresql+psycopg2", "user", EVERY_CHARACTER, "db", 5432, "auth"))


def read(text: str) -> dict[str, str]:
    parser = ConfigParser()
    parser.read_string(text)
    return dict(parser["mlflow"])


def test_mlflow_reads_back_what_the_values_say() -> None:
    found = read(configuration(VALUES, DATABASE))

    assert found["default_permission"] == "USE"
    assert found["admin_username"] == "100% admin"
    assert found["authorization_function"] == "my.module:function"
    assert found["auth_cache_ttl_seconds"] == "0"


def test_each_default_permission_is_mlflows_of_that_name() -> None:
    names = ["NO_PERMISSIONS", "READ", "USE", "EDIT", "MANAGE"]
    each = [Values.model_validate({"auth": {"enabled": True, "defaultPermission": name}}) for name in names]
    written = [read(configuration(values, DATABASE))["default_permission"] for values in each]

    printed = in_mlflow(
        "from mlflow.server.auth.permissions import get_permission\n"
        f"for name in {written!r}:\n"
        "    print(name, get_permission(name).can_read, get_permission(name).can_update)"
    )

    assert printed.splitlines() == [
        "NO_PERMISSIONS False False",
        "READ True False",
        "USE True False",
        "EDIT True True",
        "MANAGE True True",
    ]


def test_with_ldap_mlflow_asks_the_gate_and_has_no_admin_of_its_own() -> None:
    values = Values.model_validate({"ldapAuth": {"enabled": True}, "auth": {"adminUsername": "fakeuser"}})

    found = read(configuration(values, DATABASE))

    assert found["authorization_function"] == "flowship.auth.in_mlflow.authorize:authenticate_request"
    assert found["default_permission"] == "READ"
    assert "admin_username" not in found


def test_every_character_of_the_databases_password_survives() -> None:
    assert make_url(read(configuration(VALUES, DATABASE))["database_uri"]).password == EVERY_CHARACTER


def test_the_admins_password_is_not_in_the_file() -> None:
    assert "correct horse" not in configuration(VALUES, DATABASE)


def test_the_file_and_its_directory_are_the_owners_only(tmp_path: Path) -> None:
    path = write_configuration(tmp_path / "auth", "basic_auth.ini", "text")

    assert path.read_text() == "text"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_an_old_file_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    old = tmp_path / "basic_auth.ini"
    old.write_text("old")
    old.chmod(0o644)

    write_configuration(tmp_path, "basic_auth.ini", "new")

    assert old.read_text() == "new"
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["basic_auth.ini"]


def test_a_directory_that_cannot_be_made_is_refused_with_the_keys(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DataDirectoryError, match=r"cannot be written .* choose another by auth.configPath or --data"):
        write_configuration(tmp_path / "file", "basic_auth.ini", "text")
