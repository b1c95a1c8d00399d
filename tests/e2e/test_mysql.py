"""MySQL 9, artifacts through the server in S3, no authentication."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.conftest import S3_ADDRESS

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace

ARTIFACTS: dict[str, Any] = {
    "artifactRoot": {
        "proxiedArtifactStorage": True,
        "s3": {"enabled": True, "bucket": "artifacts", "existingSecret": {"name": "s3-keys"}},
    },
    "extraEnvVars": {"MLFLOW_S3_ENDPOINT_URL": S3_ADDRESS, "AWS_DEFAULT_REGION": "us-east-1"},
    "extraArgs": {"workers": 2},
}


def database(host: str) -> dict[str, Any]:
    return {
        "backendStore": {
            "databaseConnectionCheck": True,
            "existingDatabaseSecret": {"name": "database-login"},
            "mysql": {"enabled": True, "host": host, "database": "mlflow"},
        },
        **ARTIFACTS,
    }


@pytest.mark.parametrize(("host", "release"), [("mysql", "mlflow"), ("mariadb", "mlflow-mariadb")])
def test_a_client_without_keys_logs_a_run_and_helm_test_passes(
    namespace: Namespace, keys: dict[str, str], host: str, release: str
) -> None:
    own = namespace.named(release)
    own.apply(f"{host}.yaml")
    own.upgrade(database(host))

    assert "write: all of it" in own.log("write")
    assert "read: all of it" in own.log("read")
    assert "Succeeded" in own.test()
