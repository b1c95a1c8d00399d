from __future__ import annotations

from typing import Any

import pytest

from flowship import installing
from flowship.artifacts.credentials import client_environment, is_installed, require_client
from flowship.errors import MissingExtraError
from flowship.values.model.root import Values

HARD = "p+q/r=s%41 t\n\"é'"


def environment(root: dict[str, Any]) -> dict[str, str | None]:
    return client_environment(Values.model_validate({"artifactRoot": root}))


def test_the_keys_of_s3_replace_every_other_credential() -> None:
    s3 = {"enabled": True, "bucket": "b", "awsAccessKeyId": "id", "awsSecretAccessKey": HARD}

    assert environment({"s3": s3}) == {
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": HARD,
        "AWS_PROFILE": None,
        "AWS_DEFAULT_PROFILE": None,
        "AWS_SESSION_TOKEN": None,
        "AWS_SECURITY_TOKEN": None,
    }


def test_without_keys_s3_is_reached_as_the_environment_says() -> None:
    assert environment({"s3": {"enabled": True, "bucket": "b"}}) == {}


def test_keys_of_a_store_that_is_not_enabled_stay_out_of_the_environment() -> None:
    s3 = {"bucket": "b", "awsAccessKeyId": "id", "awsSecretAccessKey": HARD}

    assert environment({"s3": s3}) == {}


def test_google_credentials_come_from_the_environment() -> None:
    assert environment({"gcs": {"enabled": True, "bucket": "b"}}) == {}


@pytest.mark.parametrize(
    ("given", "connection_string", "access_key"),
    [
        ({"connectionString": HARD}, HARD, None),
        ({"accessKey": HARD}, None, HARD),
        ({}, None, None),
    ],
)
def test_azure_gets_the_one_secret_that_is_given_and_no_other(
    given: dict[str, str], connection_string: str | None, access_key: str | None
) -> None:
    azure = {"enabled": True, "container": "c", "storageAccount": "a", **given}

    assert environment({"azureBlob": azure}) == {
        "AZURE_STORAGE_CONNECTION_STRING": connection_string,
        "AZURE_STORAGE_ACCESS_KEY": access_key,
    }


@pytest.mark.parametrize(
    ("key", "extra"), [("artifactRoot.s3", "s3"), ("artifactRoot.gcs", "gcs"), ("artifactRoot.azureBlob", "azure")]
)
def test_a_missing_client_is_named_with_the_command_that_installs_it(key: str, extra: str) -> None:
    with pytest.raises(MissingExtraError) as raised:
        require_client(key, installed=lambda _: False)

    assert str(raised.value) == (
        f"{key}.enabled needs libraries that are not installed. Run: {installing.command(extra)}"
    )
    assert raised.value.exit_code == 2


@pytest.mark.parametrize("key", ["artifactRoot.s3", "artifactRoot.gcs", "artifactRoot.azureBlob"])
def test_an_installed_client_is_found(key: str) -> None:
    require_client(key)


@pytest.mark.parametrize("module", ["there_is_no_such_module", "there.is.no.such.module"])
def test_a_module_that_is_not_there_is_not_installed(module: str) -> None:
    assert not is_installed(module)
