"""Object stores with what makes them awkward, and the values that lead to them."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.flowship import run, write_values
from tests.integration.servers.s3 import S3Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.servers.azure import AzureServer

HARD_SECRET = "s3cr/t+with= 100%41 $HOME \\ \"quotes' #é&?"


class HardS3(S3Server):
    """An S3 server whose secret holds what values, environments and URLs treat specially."""

    name = "hard-s3"

    def __init__(self) -> None:
        super().__init__()
        self.secret_key = HARD_SECRET


@pytest.fixture(scope="session")
def hard_s3() -> Iterator[HardS3]:
    with HardS3() as server:
        yield server


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory whose empty database has its tables, to be copied: making them takes a third of a start."""
    directory = tmp_path_factory.mktemp("prepared")
    values = write_values(directory / "values.yaml", {})
    done = run("migrate", "-f", str(values), "--data", str(directory / "data"))
    assert done.returncode == 0, done.stderr
    with contextlib.closing(sqlite3.connect(directory / "data" / "mlflow.db")) as database, database:
        database.execute("DELETE FROM experiments")  # the default one has a root, which each test chooses
    return directory / "data"


def s3_values(server: S3Server, bucket: str, **root: Any) -> dict[str, Any]:
    """Values for this server; keys of `root` are those of `artifactRoot`, but `s3` adds to its section."""
    section = {
        "enabled": True,
        "bucket": bucket,
        "awsAccessKeyId": server.access_key,
        "awsSecretAccessKey": server.secret_key,
        **root.pop("s3", {}),
    }
    return {
        "artifactRoot": {**root, "s3": section},
        "extraEnvVars": {"MLFLOW_S3_ENDPOINT_URL": server.endpoint_url},
    }


def azure_values(server: AzureServer, container: str, secret: dict[str, str], **root: Any) -> dict[str, Any]:
    """Values for this account, reached by its real name, which the test's proxy leads to the emulator."""
    section = {"enabled": True, "storageAccount": server.account, "container": container, **secret}
    return {
        "artifactRoot": {**root, "azureBlob": {**section, **root.pop("azureBlob", {})}},
        "extraEnvVars": {
            "REQUESTS_CA_BUNDLE": str(server.authority_file),
            "HTTPS_PROXY": server.proxy.url,
            "NO_PROXY": "127.0.0.1,localhost",
        },
    }
