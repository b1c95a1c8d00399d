"""From chart 0.16.5 in place, with all state on servers: PostgreSQL, S3, users in PostgreSQL, several pods and an
ingress.

A pod that is killed in the middle of the migration, and `helm rollback`."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.cluster import LIMIT, run, until
from tests.e2e.conftest import S3_ADDRESS, ingress_address
from tests.e2e.old_release import QUICK, OldRelease, old_chart, prepare_clients
from tests.helm import kubectl
from tests.integration.legacy.data import USERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.cluster import Namespace
    from tests.helm import HelmMajor

HOST = "moving.example.com"
OLD_REVISION, USERS_PASSWORD = "0584bdc529eb", "as-urls-took-them"
SHARED: dict[str, Any] = {
    "backendStore": {
        "databaseMigration": True,
        "existingDatabaseSecret": {"name": "database-login"},
        "postgres": {"enabled": True, "host": "postgres", "database": "mlflow"},
    },
    "artifactRoot": {"proxiedArtifactStorage": True, "s3": {"enabled": True, "bucket": "artifacts", "path": "old"}},
    "extraSecretNamesForEnvFrom": ["s3-keys"],
    "extraEnvVars": {"MLFLOW_S3_ENDPOINT_URL": S3_ADDRESS, "AWS_DEFAULT_REGION": "us-east-1"},
    "auth": {
        "enabled": True,
        "adminUsername": "admin",
        "adminPassword": USERS["admin"],
        "postgres": {
            "enabled": True,
            "host": "postgres",
            "database": "auth",
            "user": "users",
            "password": USERS_PASSWORD,
        },
    },
    "autoscaling": {
        "enabled": True,
        "minReplicas": 2,
        "maxReplicas": 3,
        "metrics": [
            {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "8"}}}
        ],
    },
    "ingress": {
        "enabled": True,
        "className": os.environ.get("E2E_INGRESS_CLASS", "traefik"),
        "hosts": [{"host": HOST, "paths": [{"path": "/", "pathType": "Prefix"}]}],
    },
    "extraArgs": {"workers": "1"},
    "readinessProbe": QUICK,
}


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("values") / "values.yaml"
    file.write_text(yaml.dump(SHARED, Dumper=yaml.CSafeDumper))
    return file


@pytest.fixture(scope="module")
def old(
    namespace: Namespace,
    postgres: Callable[[str], str],
    keys: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> OldRelease:
    postgres(f"CREATE ROLE users LOGIN PASSWORD '{USERS_PASSWORD}'")
    postgres("ALTER DATABASE auth OWNER TO users")
    prepare_clients(namespace)
    release = OldRelease(namespace, old_chart(tmp_path_factory.mktemp("old")))
    release.install(SHARED)
    return release


@pytest.fixture(scope="module")
def before(old: OldRelease) -> Any:
    """What the client of 2.22.0 logged and read."""
    return old.fill()


@contextmanager
def held(namespace: Namespace, table: str) -> Iterator[None]:
    """Keep a transaction open that has read a table, so that a migration waits before it changes that one."""
    shell = 'PGPASSWORD="$POSTGRES_PASSWORD" psql -h 127.0.0.1 -U mlflow -c "$0"'
    sql = f"BEGIN; LOCK TABLE {table} IN ACCESS SHARE MODE; SELECT pg_sleep(600)"
    command = [str(kubectl()), "--namespace", namespace.name, "exec", "postgres-0", "--", "sh", "-c", shell, sql]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as holder:
        try:
            yield
        finally:
            holder.kill()


@contextmanager
def replicas_seen(namespace: Namespace) -> Iterator[set[int]]:
    """Each number of pods that the Deployment asks for meanwhile."""
    seen: set[int] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            seen.add(namespace.get("deployment", "mlflow")["spec"]["replicas"])

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


def test_a_pod_killed_in_the_middle_of_the_migration_loses_nothing_and_the_next_one_succeeds(
    old: OldRelease, before: Any, values: Path, postgres: Callable[[str], str]
) -> None:
    namespace = old.namespace
    olds = {pod["metadata"]["name"] for pod in namespace.pods}
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'mlflow' AND wait_event_type = 'Lock'"
    reading = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()"
    with replicas_seen(namespace) as seen, held(namespace, "registered_model_aliases"):
        until(lambda: postgres(reading), "the table is held")
        old.upgrade("--values", str(values), major=4, wait=False)
        until(lambda: "relation" in postgres(waiting.replace("count(*)", "wait_event")), "the migration waits")
        for name in {pod["metadata"]["name"] for pod in namespace.pods} - olds:
            namespace.kubectl("delete", "pod", name, "--grace-period=0", "--force")
        postgres(reading.replace("pid FROM", "pg_terminate_backend(pid) FROM"))
    namespace.rolled_out()

    assert seen == {2}
    assert postgres("SELECT version_num FROM alembic_version") != OLD_REVISION
    assert old.lost(before) == []


@pytest.fixture(scope="module")
def moved(old: OldRelease, before: Any, values: Path) -> OldRelease:
    old.upgrade("--values", str(values), major=4)
    return old


def test_objects_keep_what_cannot_change(moved: OldRelease) -> None:
    namespace = moved.namespace
    deployment, service = namespace.get("deployment", "mlflow"), namespace.get("service", "mlflow")
    secrets = {each["metadata"]["name"] for each in namespace.get("secret")}

    assert deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"]
    assert service["spec"]["selector"] == {
        "app": "mlflow",
        "app.kubernetes.io/name": "mlflow",
        "app.kubernetes.io/instance": "mlflow",
    }
    assert {(port["name"], port["port"]) for port in service["spec"]["ports"]} == {("http", 5000), ("metrics", 9000)}
    assert {"mlflow-values", "mlflow-flask-server-secret-key"} <= secrets
    assert secrets.isdisjoint({"mlflow-env-secret", "mlflow-auth-config-secret"})
    assert namespace.get("hpa", "mlflow")["status"]["currentReplicas"] == 2


def test_the_key_that_the_old_charts_hook_made_still_signs(moved: OldRelease) -> None:
    held = moved.namespace.get("secret", "mlflow-flask-server-secret-key")["data"]["MLFLOW_FLASK_SERVER_SECRET_KEY"]
    used = moved.namespace.kubectl(
        "exec", "deployment/mlflow", "--container", "mlflow", "--", "printenv", "MLFLOW_FLASK_SERVER_SECRET_KEY"
    )

    assert used.strip() == base64.b64decode(held).decode()


def test_pages_reach_the_server_through_the_ingress(moved: OldRelease) -> None:
    login = f"admin:{USERS['admin']}"
    command = ["curl", "--silent", "--user", login, "--header", f"Host: {HOST}", "--header", f"Origin: http://{HOST}"]
    search = f"http://{ingress_address(moved.namespace)}/ajax-api/2.0/mlflow/experiments/search"
    command += ["--json", '{"max_results": 1}', search]

    until(lambda: "experiment_id" in run(moved.namespace.cluster.inside(command)), "an answer through the ingress")


@pytest.mark.parametrize("major", [3, 4])
def test_a_rollback_serves_no_request_with_the_old_version_and_loses_nothing(
    moved: OldRelease, before: Any, major: HelmMajor
) -> None:
    """MLflow 2.22.0 does not start on the migrated database, so the new pods go on."""
    namespace = moved.namespace
    moved.enforce("privileged")
    good = moved.revision()
    ours = {pod["metadata"]["name"] for pod in namespace.pods}
    namespace.helm("rollback", "mlflow", "1", major=major)
    until(lambda: failed(namespace, ours), "a pod of 2.22.0 has failed")

    assert moved.lost(before) == []
    namespace.helm("rollback", "mlflow", str(good), "--wait", f"--timeout={LIMIT}s", major=major)
    moved.enforce("restricted")
    until(lambda: len(namespace.pods) == 2, "only the new pods are left")
    assert moved.lost(before) == []


def failed(namespace: Namespace, others: set[str]) -> bool:
    """Whether a container of another pod has ended in an error."""
    pods = [pod for pod in namespace.pods if pod["metadata"]["name"] not in others]
    statuses = [
        each
        for pod in pods
        for kind in ("initContainerStatuses", "containerStatuses")
        for each in pod["status"].get(kind, [])
    ]
    return any(each["restartCount"] for each in statuses)
