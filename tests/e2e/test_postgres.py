"""PostgreSQL, artifacts through the server in S3, and basic authentication in a second database; every credential in a
Secret of the user's own. Rolling updates under load, autoscaling, and faults."""

from __future__ import annotations

import base64
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.cluster import Namespace, until
from tests.e2e.conftest import S3_ADDRESS
from tests.e2e.loading import under_load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ADMIN = "admin"
PASSWORD = 'adm%in @dmin: $1 "ü"'
OTHER_PASSWORD = "another one: %41 #2"

VALUES: dict[str, Any] = {
    "backendStore": {
        "databaseConnectionCheck": True,
        "existingDatabaseSecret": {"name": "database-login"},
        "postgres": {"enabled": True, "host": "postgres", "database": "mlflow"},
    },
    "artifactRoot": {
        "proxiedArtifactStorage": True,
        "s3": {"enabled": True, "bucket": "artifacts", "path": "mlflow", "existingSecret": {"name": "s3-keys"}},
    },
    "extraEnvVars": {"MLFLOW_S3_ENDPOINT_URL": S3_ADDRESS, "AWS_DEFAULT_REGION": "us-east-1"},
    "auth": {
        "enabled": True,
        "existingAdminSecret": {"name": "admin"},
        "postgres": {
            "enabled": True,
            "host": "postgres",
            "database": "auth",
            "existingSecret": {"name": "database-login"},
        },
    },
    "extraArgs": {"workers": 2},
}
KINDS = ("fresh", "fresh", "busy", "busy", "idle", "idle", "upload")


def values(**changes: Any) -> dict[str, Any]:
    return {**VALUES, **changes}


@pytest.fixture(scope="module")
def installed(namespace: Namespace, postgres: Callable[[str], str], keys: dict[str, str]) -> Namespace:
    namespace.secret("admin", username=ADMIN, password=PASSWORD)
    namespace.upgrade(VALUES)
    return namespace


@pytest.fixture
def outside(installed: Namespace) -> Iterator[Namespace]:
    """A namespace with nothing but a client."""
    made = Namespace(installed.cluster, f"{installed.name}-outside")
    made.create()
    yield made
    made.delete()


def log(namespace: Namespace, step: str, password: str = PASSWORD) -> str:
    return namespace.log(step, MLFLOW_TRACKING_USERNAME=ADMIN, MLFLOW_TRACKING_PASSWORD=password)


def test_a_user_logs_a_run_and_helm_test_passes(installed: Namespace) -> None:
    assert "write: all of it" in log(installed, "write")
    assert "read: all of it" in log(installed, "read")
    assert "Succeeded" in installed.test()


def test_a_client_in_another_namespace_transfers_files_though_it_cannot_reach_the_store(
    installed: Namespace, outside: Namespace
) -> None:
    """The store is known to the server by the short name of a Service, which is none elsewhere."""
    address = f"http://mlflow.{installed.name}:5000"
    login = {"MLFLOW_TRACKING_USERNAME": ADMIN, "MLFLOW_TRACKING_PASSWORD": PASSWORD}

    assert "up and down" in outside.python("transfer.py", "s3", MLFLOW_TRACKING_URI=address, **login)


def test_nobody_without_a_login_reads_a_run(installed: Namespace) -> None:
    with pytest.raises(Exception, match="401"):
        installed.log("read")


def test_no_password_is_in_an_object_or_a_log(installed: Namespace) -> None:
    everything = json.dumps(installed.get("deployment,replicaset,pod,configmap,service"))
    logs = installed.kubectl("logs", "deployment/mlflow", "--all-containers")
    processes = installed.kubectl(
        "exec", "deployment/mlflow", "--", "sh", "-c", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
    )
    held = [base64.b64decode(value).decode() for value in installed.get("secret", "mlflow-values")["data"].values()]

    for part in ("w%rd", "adm%in", "100%41"):
        assert part not in everything
        assert part not in logs
        assert part not in processes
        assert part not in "".join(held)


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_rolling_update_under_load_loses_no_request(installed: Namespace, replicas: int) -> None:
    installed.upgrade(values(replicaCount=replicas))
    before = {pod["metadata"]["uid"] for pod in installed.pods}
    with under_load(installed, *KINDS, user=ADMIN, password=PASSWORD) as outcome:
        installed.kubectl("rollout", "restart", "deployment/mlflow")
        installed.rolled_out()
        until(lambda: len(installed.get("pods")) == len(installed.pods) + 3, "the old pods are gone")
    after = {pod["metadata"]["uid"] for pod in installed.pods}

    assert len(after) == replicas
    assert before.isdisjoint(after)
    assert outcome.failed == {}
    assert min(outcome.done[kind] for kind in set(KINDS)) >= 1
    assert outcome.done["fresh"] > 100


def test_a_killed_server_comes_back_with_everything(installed: Namespace) -> None:
    installed.upgrade(values(replicaCount=1))
    (pod,) = installed.pods
    installed.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")
    installed.rolled_out()

    assert "read: all of it" in log(installed, "read")


def test_a_killed_database_makes_pods_not_ready_and_restarts_none(installed: Namespace) -> None:
    def ready() -> bool:
        (pod,) = installed.pods
        return bool(pod["status"]["containerStatuses"][0]["ready"])

    installed.kubectl("scale", "statefulset/postgres", "--replicas=0")
    until(lambda: not ready(), "the pod is not ready without its database")
    installed.kubectl("scale", "statefulset/postgres", "--replicas=1")
    until(ready, "the pod is ready again")
    (pod,) = installed.pods

    assert pod["status"]["containerStatuses"][0]["restartCount"] == 0
    assert "read: all of it" in log(installed, "read")


def test_a_changed_secret_of_the_users_own_takes_effect_at_a_restart(installed: Namespace) -> None:
    installed.secret("admin", username=ADMIN, password=OTHER_PASSWORD)
    installed.kubectl("rollout", "restart", "deployment/mlflow")
    installed.rolled_out()

    assert "read: all of it" in log(installed, "read", OTHER_PASSWORD)
    with pytest.raises(Exception, match="401"):
        log(installed, "read")
    installed.secret("admin", username=ADMIN, password=PASSWORD)
    installed.kubectl("rollout", "restart", "deployment/mlflow")
    installed.rolled_out()


SCALING = {
    "enabled": True,
    "minReplicas": 2,
    "maxReplicas": 3,
    "metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
    ],
    "behavior": {"scaleDown": {"stabilizationWindowSeconds": 5}},
}


def test_an_autoscaler_takes_over_without_dropping_a_pod_and_follows_the_load(installed: Namespace) -> None:
    installed.upgrade(values(replicaCount=2))
    before = {pod["metadata"]["uid"] for pod in installed.pods}
    seen: set[int] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen.add(installed.get("deployment", "mlflow")["spec"]["replicas"])

    watching = threading.Thread(target=watch)
    watching.start()
    installed.upgrade(values(autoscaling=SCALING))
    over.set()
    watching.join()
    assert seen == {2}
    assert before <= {pod["metadata"]["uid"] for pod in installed.pods}

    with under_load(installed, "busy", "busy", "busy", "busy", user=ADMIN, password=PASSWORD) as outcome:
        until(lambda: len(installed.pods) == 3, "a third pod under load")
        installed.rolled_out()
    until(lambda: len(installed.pods) == 2, "two pods without load")
    assert outcome.failed == {}


def test_an_old_image_or_one_without_flowship_is_told(installed: Namespace) -> None:
    with pytest.raises(Exception, match="has no Flowship in it"):
        installed.upgrade({**VALUES, "image": {"repository": "burakince/mlflow"}})
