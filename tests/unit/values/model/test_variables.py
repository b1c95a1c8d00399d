from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowship.values.model.keys import all_keys, lookup
from flowship.values.model.storage.existing_secrets import EXISTING_SECRETS
from flowship.values.model.variables import BUNDLED_HOSTS, NUMBERS, VARIABLES, extra_variables

if TYPE_CHECKING:
    from flowship.values.model.storage.existing_secrets import ExistingSecret
    from flowship.values.model.variables import Precedence
    from tests.unit.values.conftest import Read, Refused

POSTGRES = "backendStore: {postgres: {enabled: true, host: db, database: m, user: ann, password: file}}\n"
BARE = "backendStore: {postgres: {enabled: true}}\n"
SECRET = "backendStore: {existingDatabaseSecret: {name: login}, postgres: {enabled: true, host: db, database: m}}\n"
EVERYTHING = {"PGHOST": "h", "PGPORT": "1", "PGDATABASE": "d", "PGUSER": "u", "PGPASSWORD": "p"}


def test_every_variable_stands_for_a_key() -> None:
    assert {variable.key for variable in VARIABLES} <= set(all_keys())
    assert {variable.name for variable in VARIABLES} >= NUMBERS


def test_in_a_pod_the_environment_wins(reads: Read) -> None:
    postgres = reads(
        POSTGRES, precedence="win", environ={"PGPASSWORD": "env", "PGPORT": "6432"}
    ).values.backendStore.postgres

    assert (postgres.user, postgres.password, postgres.port) == ("ann", "env", 6432)


def test_on_a_laptop_a_stray_variable_overrides_nothing_that_the_file_says(reads: Read) -> None:
    reading = reads(POSTGRES, "backendStore.postgres.port=5433", environ=EVERYTHING)

    assert reading.values.backendStore.postgres.model_dump() == {
        "enabled": True, "host": "db", "port": 5433, "database": "m", "user": "ann", "password": "file", "driver": "",
    }  # fmt: skip
    assert reading.variables == {}


@pytest.mark.parametrize("precedence", ["fill", "win"])
def test_what_the_file_leaves_out_is_filled_even_where_there_is_a_default(reads: Read, precedence: Precedence) -> None:
    reading = reads(BARE, precedence=precedence, environ=EVERYTHING)

    assert reading.values.backendStore.postgres.model_dump() == {
        "enabled": True, "host": "h", "port": 1, "database": "d", "user": "u", "password": "p", "driver": "",
    }  # fmt: skip
    assert reading.variables["backendStore.postgres.password"] == "PGPASSWORD"


@pytest.mark.parametrize("precedence", ["fill", "win"])
def test_variables_of_what_is_not_enabled_do_nothing(reads: Read, precedence: Precedence) -> None:
    environ = {variable.name: "1" for variable in VARIABLES if variable.section}
    reading = reads("", precedence=precedence, environ=environ)

    assert reading.variables == {}


def test_an_empty_variable_is_none(reads: Read) -> None:
    assert reads(POSTGRES, precedence="win", environ={"PGPASSWORD": ""}).values.backendStore.postgres.password == "file"


@pytest.mark.parametrize(
    ("text", "environ", "key", "expected"),
    [
        ("postgresql: {enabled: true}", {"PGPORT": "1"}, "postgresql.primary.service.ports.postgresql", 1),
        ("mysql: {enabled: true}", {"MYSQL_TCP_PORT": "1"}, "mysql.primary.service.ports.mysql", 1),
        ("postgresql: {enabled: true}", {"PGUSER": "u"}, "postgresql.auth.username", "u"),
        ("mysql: {enabled: true, auth: null}", {"MYSQL_DATABASE": "d"}, "mysql.auth.database", "d"),
        ("backendStore: {mysql: {enabled: true, host: h, database: d, port: null}}",
         {"MYSQL_USERNAME": "u", "MYSQL_PWD": "p", "MYSQL_TCP_PORT": "3307"}, "backendStore.mysql.port", 3307),
        ("artifactRoot: {s3: {enabled: true, bucket: b}}", {"AWS_ACCESS_KEY_ID": "i", "AWS_SECRET_ACCESS_KEY": "s"},
         "artifactRoot.s3.awsSecretAccessKey", "s"),
        ("artifactRoot: {azureBlob: {enabled: true, container: c, storageAccount: a}}",
         {"AZURE_STORAGE_ACCESS_KEY": "k"}, "artifactRoot.azureBlob.accessKey", "k"),
        ("auth: {enabled: true}",
         {"MLFLOW_AUTH_ADMIN_USERNAME": "u", "MLFLOW_AUTH_ADMIN_PASSWORD": "open sesame!"}, "auth.adminUsername", "u"),
        ("", {"MLFLOW_FLASK_SERVER_SECRET_KEY": "k"}, "flaskServerSecretKey", "k"),
        ("", {"FLOWSHIP_PREVIOUS_GATEWAY_PASSPHRASE": "k"}, "encryption.previousGatewayPassphrase", "k"),
    ],
)  # fmt: skip
def test_a_variable_gives_its_key(reads: Read, text: str, environ: dict[str, str], key: str, expected: Any) -> None:
    assert lookup(reads(text, environ=environ).values.model_dump(), key) == expected


@pytest.mark.parametrize("section", list(BUNDLED_HOSTS))
def test_the_host_of_a_bundled_server_is_a_variable(reads: Read, section: str) -> None:
    reading = reads(f"{section}: {{enabled: true}}", environ=dict.fromkeys(BUNDLED_HOSTS.values(), "db"))

    assert reading.bundled_host == "db"
    assert reads(f"{section}: {{enabled: true}}").bundled_host is None
    assert reads("", environ=dict.fromkeys(BUNDLED_HOSTS.values(), "db")).bundled_host is None


@pytest.mark.parametrize("precedence", ["fill", "win"])
def test_variables_take_the_place_of_the_existing_secret(reads: Read, precedence: Precedence) -> None:
    whole = reads(SECRET, precedence=precedence, environ={"PGUSER": "u", "PGPASSWORD": "p"}).values.backendStore

    assert (whole.existingDatabaseSecret.name, whole.postgres.user, whole.postgres.password) == ("", "u", "p")


def test_on_a_laptop_a_stray_half_of_a_login_takes_nobodys_place(reads: Read) -> None:
    half = reads(SECRET, environ={"PGPASSWORD": "stray"}).values.backendStore

    assert (half.existingDatabaseSecret.name, half.postgres.user, half.postgres.password) == ("login", "", "")


def test_in_a_pod_a_secret_that_holds_an_empty_user_is_told(refused: Refused) -> None:
    user, password = refused(SECRET, precedence="win", environ={"PGUSER": "", "PGPASSWORD": "p"})

    assert user.startswith("backendStore.postgres.user: is empty, but backendStore.postgres.enabled is true.")
    assert password.startswith("backendStore.postgres.password: is empty")


@pytest.mark.parametrize("secret", EXISTING_SECRETS, ids=lambda secret: secret.used_by or secret.key)
def test_every_secret_gives_variables_that_stand_for_keys_of_what_uses_it(secret: ExistingSecret) -> None:
    stand = {variable.name for variable in VARIABLES if variable.section == secret.used_by}

    assert set(secret.variables) <= stand
    assert {f"{secret.key}.{key}" for key in secret.variables.values()} <= set(all_keys())


def test_a_contradiction_with_the_existing_secret_is_told_although_variables_resolve_it(refused: Refused) -> None:
    (found,) = refused(SECRET, "backendStore.postgres.password=x", environ={"PGUSER": "u", "PGPASSWORD": "p"})

    assert found.startswith("backendStore.postgres.password, backendStore.existingDatabaseSecret.name: only one")


def test_what_variables_mend_is_no_finding(reads: Read) -> None:
    assert reads(BARE, environ=EVERYTHING).values.backendStore.postgres.user == "u"


def test_of_two_azure_credentials_in_the_environment_the_file_chooses(reads: Read) -> None:
    text = "artifactRoot: {azureBlob: {enabled: true, container: c, storageAccount: a, accessKey: file}}"
    both = {"AZURE_STORAGE_CONNECTION_STRING": "c", "AZURE_STORAGE_ACCESS_KEY": "k"}

    assert reads(text, environ=both).values.artifactRoot.azureBlob.accessKey == "file"
    assert reads(text, environ=both).values.artifactRoot.azureBlob.connectionString == ""
    filled = reads(text, "artifactRoot.azureBlob.accessKey=null", environ=both).values.artifactRoot.azureBlob
    assert [bool(filled.accessKey), bool(filled.connectionString)].count(True) == 1


@pytest.mark.parametrize("port", ["x", "-1", "0", "65536", "9" * 5000, "٣", "1.0", " 1"])
def test_a_port_that_is_none_is_refused(refused: Refused, port: str) -> None:
    (found,) = refused(POSTGRES, precedence="win", environ={"PGPORT": port})

    assert found.startswith("backendStore.postgres.port: must be ")
    assert found.endswith("(variable PGPORT)")


def test_a_variable_that_is_no_text_is_refused(refused: Refused) -> None:
    (found,) = refused(POSTGRES, precedence="win", environ={"PGPASSWORD": "ses\udcffame"})

    assert found == "backendStore.postgres.password: holds bytes that are not text. Write it in UTF-8. " \
        "(variable PGPASSWORD)"  # fmt: skip


@pytest.mark.parametrize("text", ["postgresql: {enabled: true, auth: x}", "postgresql: {enabled: true, primary: [1]}"])
def test_variables_for_keys_below_a_wrong_type_leave_that_to_the_refusal(refused: Refused, text: str) -> None:
    assert "must be a map" in refused(text, environ=EVERYTHING)[0]


@pytest.mark.parametrize(
    ("extra", "variables"),
    [
        ({"A": "x"}, {"A": "x"}),
        ({"no_proxy": "x"}, {"no_proxy": "x", "NO_PROXY": "x"}),
        ({"A_b": "x"}, {"A_b": "x", "A_B": "x"}),
        ({"A": True, "B": False}, {"A": "true", "B": "false"}),
        ({"A": 1, "B": 1.5, "C": 0}, {"A": "1", "B": "1.5", "C": "0"}),
        ({"A": ""}, {"A": ""}),
        ({"A": None}, {}),
        ({"A": {"b": [1, "é"]}, "B": [True, None]}, {"A": '{"b":[1,"é"]}', "B": "[true,null]"}),
        ({"A": {"valueFrom": {"secretKeyRef": {}}}}, {}),
        ("text", {}),
        (None, {}),
    ],
)
def test_extra_variables_are_given_as_ruled(extra: Any, variables: dict[str, str]) -> None:
    assert extra_variables(extra) == variables


def test_extra_variables_stand_for_keys_as_the_environment_does_and_win_over_it(reads: Read) -> None:
    text = BARE + "extraEnvVars: {pghost: h, PGDATABASE: d, PGUSER: u, PGPASSWORD: extra}"
    reading = reads(text, environ={"PGPASSWORD": "env", "OTHER": "x"})

    assert reading.values.backendStore.postgres.password == "extra"
    assert reading.values.backendStore.postgres.host == "h"
    assert reading.environ["pghost"] == reading.environ["PGHOST"] == "h"
    assert reading.environ["OTHER"] == "x"


def test_a_secret_whose_keys_are_not_given_is_still_named(refused: Refused) -> None:
    """What stands for none of its keys is no reason to forget it, and what is missing is said by `check` as by Helm."""
    azure = "{enabled: true, storageAccount: a, container: b, existingSecret: {name: c}}"
    said = refused(f"artifactRoot: {{azureBlob: {azure}}}")

    assert any("exactly one of these must be given" in sentence for sentence in said)
