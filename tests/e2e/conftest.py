from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cluster import Cluster, CommandError, Namespace, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

S3_ADDRESS = "http://s3:7070"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """The cluster that the environment names; without one the tests fail, and say what to do."""
    try:
        return Cluster.of_environment(tmp_path_factory.mktemp("chart"))
    except CommandError as error:
        pytest.exit(str(error), returncode=1)


@pytest.fixture(scope="module")
def namespace(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Namespace]:
    """A namespace for the tests of one file; it stays for a look when E2E_KEEP is set."""
    prefix = os.environ.get("E2E_PREFIX", "e2e")
    name = f"{prefix}-{request.module.__name__.rpartition('test_')[2].replace('_', '-')}"
    made = Namespace(cluster, name)
    made.create()
    yield made
    if not os.environ.get("E2E_KEEP"):
        made.delete()


@pytest.fixture(scope="module")
def keys(namespace: Namespace) -> dict[str, str]:
    """An S3 server with a bucket `artifacts` in the namespace; the environment of its clients."""
    namespace.apply("s3.yaml")
    namespace.rolled_out("deployment/s3")
    found = namespace.get("secret", "s3-keys")["data"]
    environment = {name: base64.b64decode(value).decode() for name, value in found.items()}
    environment |= {"MLFLOW_S3_ENDPOINT_URL": S3_ADDRESS, "AWS_DEFAULT_REGION": "us-east-1"}
    namespace.python("bucket.py", **environment)
    return environment


def ingress_address(namespace: Namespace) -> str:
    """Where the ingress controller is."""
    if given := os.environ.get("E2E_INGRESS_ADDRESS"):
        return given

    def found() -> str:
        (status,) = namespace.get("ingress", "mlflow")["status"].get("loadBalancer", {}).get("ingress") or [{}]
        return str(status.get("ip") or status.get("hostname") or "")

    until(found, "the Ingress has an address")
    return found()


@pytest.fixture(scope="module")
def postgres(namespace: Namespace) -> Callable[[str], str]:
    """PostgreSQL with the databases `mlflow` and `auth`; answers SQL."""
    namespace.apply("postgres.yaml")
    namespace.rolled_out("statefulset/postgres")

    def ask(sql: str) -> str:
        shell = 'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U mlflow -At -c "$0"'
        return namespace.kubectl("exec", "postgres-0", "--", "sh", "-c", shell, sql)

    ask("CREATE DATABASE auth")
    return ask
