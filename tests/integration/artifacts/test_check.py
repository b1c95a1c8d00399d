"""`flowship check --live` against good stores and bad ones: a sentence that says what to change, and nothing left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from tests.calm import calm
from tests.integration.artifacts.conftest import azure_values, s3_values
from tests.integration.flowship import run, write_values
from tests.integration.servers.process import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.integration.artifacts.conftest import HardS3
    from tests.integration.servers.azure import AzureServer
    from tests.integration.servers.gcs import GcsServer

BUCKET = "checked"
PATIENCE = 60.0
"""Seconds that a check may take here: its 15, and those that a busy machine takes to import MLflow."""


class Check(Protocol):
    def __call__(self, values: Mapping[str, Any], **environ: str) -> str | None:
        """What is wrong with the store, or None when it is good."""


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def check(values: Mapping[str, Any], **environ: str) -> str | None:
        file = write_values(tmp_path / "values.yaml", values)
        begin = calm()

        done = run(
            *("check", "--live", "-f", str(file), "--data", str(tmp_path / "data")),
            environ={"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", **environ},
        )

        assert calm() - begin < PATIENCE
        assert done.stderr == ""
        assert not (tmp_path / "data").exists()
        failures = [line.removeprefix("✗ ") for line in done.stdout.splitlines() if line.startswith("✗")]
        assert done.returncode == len(failures)
        return failures[0] if failures else None

    return check


@pytest.fixture(scope="module")
def s3(hard_s3: HardS3) -> HardS3:
    hard_s3.create_bucket(BUCKET)
    return hard_s3


@pytest.fixture(scope="module")
def container(azure: AzureServer) -> AzureServer:
    azure.create_container(BUCKET)
    return azure


def test_a_good_s3_store_is_left_as_it_was(s3: HardS3, check: Check) -> None:
    assert check(s3_values(s3, BUCKET, s3={"path": "/team a/"}), AWS_PROFILE="stray", AWS_SESSION_TOKEN="stray") is None
    assert s3.object_names(BUCKET) == []


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"bucket": "missing"}, "bucket missing does not exist there; create it, or correct artifactRoot.s3.bucket"),
        ({"awsSecretAccessKey": "wrong-secret"}, "correct artifactRoot.s3.awsSecretAccessKey"),
        ({"awsAccessKeyId": "unknown"}, "the access key id is not known there; correct artifactRoot.s3.awsAccessKeyId"),
        ({"awsAccessKeyId": "", "awsSecretAccessKey": ""}, "no credentials were found; write artifactRoot.s3.aws"),
    ],
    ids=["missing bucket", "wrong secret", "unknown key id", "no credentials"],
)
def test_what_s3_refuses_is_told(s3: HardS3, check: Check, section: dict[str, str], expected: str) -> None:
    sentence = check(s3_values(s3, BUCKET, s3=section))

    assert sentence is not None
    assert sentence.startswith("writing to artifactRoot.s3 (s3://")
    assert expected in sentence
    assert s3.secret_key not in sentence
    assert "wrong-secret" not in sentence


def test_an_s3_server_that_is_down_is_told(s3: HardS3, check: Check) -> None:
    values = s3_values(s3, BUCKET)
    values["extraEnvVars"]["MLFLOW_S3_ENDPOINT_URL"] = f"http://127.0.0.1:{free_port()}"

    assert "nothing can be reached at 127.0.0.1" in str(check(values))


def test_an_endpoint_whose_name_is_not_known_is_told(s3: HardS3, check: Check) -> None:
    values = s3_values(s3, BUCKET)
    values["extraEnvVars"]["MLFLOW_S3_ENDPOINT_URL"] = "http://store.invalid:9000"

    assert "the host name store.invalid is not known; correct MLFLOW_S3_ENDPOINT_URL" in str(check(values))


def test_a_good_gcs_bucket_is_left_as_it_was_and_a_missing_one_is_told(gcs: GcsServer, check: Check) -> None:
    gcs.create_bucket(BUCKET)
    section = {"enabled": True, "bucket": BUCKET}
    values = {"artifactRoot": {"gcs": section}, "extraEnvVars": gcs.client_environment()}

    assert check(values) is None
    assert gcs.object_names(BUCKET) == []

    section["bucket"] = "missing"
    assert "bucket missing does not exist there; create it, or correct artifactRoot.gcs.bucket" in str(check(values))


def test_a_gcs_server_that_is_down_is_told(gcs: GcsServer, check: Check) -> None:
    values = {
        "artifactRoot": {"gcs": {"enabled": True, "bucket": BUCKET}},
        "extraEnvVars": {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{free_port()}"},
    }

    assert "nothing can be reached at 127.0.0.1" in str(check(values))


@pytest.mark.parametrize("secret", ["accessKey", "connectionString"])
def test_a_good_azure_container_is_left_as_it_was(container: AzureServer, check: Check, secret: str) -> None:
    secrets = {"accessKey": container.access_key, "connectionString": container.connection_string}

    assert check(azure_values(container, BUCKET, {secret: secrets[secret]})) is None
    assert container.object_names(BUCKET) == []


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ({"container": "missing"}, "container missing does not exist there; create it, or correct artifactRoot.azureB"),
        ({"accessKey": "d3Jvbmc="}, "the key does not belong to the storage account; correct artifactRoot.azureBlob."),
        ({"accessKey": "not base64!"}, "the key is not base64"),
        ({"accessKey": "", "connectionString": "nonsense"}, "copy artifactRoot.azureBlob.connectionString again"),
    ],
    ids=["missing container", "wrong key", "no key", "no connection string"],
)
def test_what_azure_refuses_is_told(
    container: AzureServer, check: Check, section: dict[str, str], expected: str
) -> None:
    sentence = check(azure_values(container, BUCKET, {"accessKey": container.access_key}, azureBlob=section))

    assert expected in str(sentence)
    assert container.access_key not in str(sentence)


def test_an_azure_account_that_does_not_exist_is_told(container: AzureServer, check: Check) -> None:
    section = {"enabled": True, "storageAccount": "a.invalid", "container": BUCKET, "accessKey": container.access_key}

    sentence = check({"artifactRoot": {"azureBlob": section}})

    assert "is not known; correct artifactRoot.azureBlob.storageAccount" in str(sentence)
