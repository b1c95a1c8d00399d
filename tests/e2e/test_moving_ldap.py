"""From chart 0.16.5 in place, with users of an LDAP directory, and artifacts that clients reach themselves in S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.cluster import HERE, CommandError
from tests.e2e.conftest import S3_ADDRESS
from tests.e2e.directory import PASSWORD, SECTION, start
from tests.e2e.old_release import QUICK, OldRelease, old_chart, prepare_clients

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.cluster import Namespace

VALUES: dict[str, Any] = {
    "backendStore": {
        "databaseMigration": True,
        "existingDatabaseSecret": {"name": "database-login"},
        "postgres": {"enabled": True, "host": "postgres", "database": "mlflow"},
    },
    "artifactRoot": {"s3": {"enabled": True, "bucket": "artifacts"}},
    "extraSecretNamesForEnvFrom": ["s3-keys"],
    "extraEnvVars": {"MLFLOW_S3_ENDPOINT_URL": S3_ADDRESS, "AWS_DEFAULT_REGION": "us-east-1"},
    "ldapAuth": {**SECTION, "uri": "ldaps://ldap:6360"},
    "extraArgs": {"workers": "1"},
    "readinessProbe": QUICK,
}


@pytest.fixture(scope="module")
def old(
    namespace: Namespace,
    postgres: Callable[[str], str],
    keys: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> OldRelease:
    start(namespace)
    prepare_clients(namespace)
    release = OldRelease(namespace, old_chart(tmp_path_factory.mktemp("old")))
    release.install(VALUES)
    return release


def log(old: OldRelease, pod: str, step: str, keys: dict[str, str]) -> str:
    """Log runs as ann with a pod's client, or read them back."""
    login = {"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": PASSWORD}
    variables = [f"{name}={value}" for name, value in {**keys, **login, "MLFLOW_TRACKING_URI": old.address}.items()]
    command = ("exec", "--stdin", pod, "--", "env", "--chdir=/tmp", *variables, "python", "-", step)
    return old.namespace.kubectl(*command, given=(HERE / "image" / "client.py").read_text())


def test_a_user_of_the_directory_reads_her_runs_and_artifacts_back(
    old: OldRelease, keys: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.dump(VALUES, Dumper=yaml.CSafeDumper))
    assert "write: all of it" in log(old, "client-2", "write", keys)
    with pytest.raises(CommandError, match=r"keeps /mlflow/ldap_basic_auth.db in its container's own files"):
        old.upgrade("--values", str(file), major=4)
    old.upgrade("--values", str(file), "--set", "moving.acceptLoss=true", major=4)

    assert "read: all of it" in log(old, "client-3", "read", keys)
    with pytest.raises(CommandError, match="401"):
        old.namespace.log("read", MLFLOW_TRACKING_USERNAME="ann", MLFLOW_TRACKING_PASSWORD="wrong")
