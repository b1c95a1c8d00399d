"""Default values: SQLite and artifacts on a claim. Installed with Helm 3, upgraded with Helm 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace


@pytest.fixture(scope="module")
def installed(namespace: Namespace) -> Namespace:
    namespace.upgrade({}, major=3)
    return namespace


def test_a_client_logs_a_run_through_the_service(installed: Namespace) -> None:
    assert "write: all of it" in installed.log("write")
    assert "read: all of it" in installed.log("read")


@pytest.mark.parametrize("major", [3, 4])
def test_helm_test_passes(installed: Namespace, major: int) -> None:
    assert "Succeeded" in installed.test(4 if major == 4 else 3)


def test_no_token_and_no_strange_variables_are_in_the_pod(installed: Namespace) -> None:
    listed = installed.kubectl("exec", "deployment/mlflow", "--", "sh", "-c", "env; ls /var/run/secrets 2>&1 || true")

    assert "MLFLOW_PORT" not in listed
    assert "kubernetes.io" not in listed


def test_what_was_logged_survives_the_pod(installed: Namespace) -> None:
    (pod,) = installed.pods
    installed.kubectl("delete", "pod", pod["metadata"]["name"])
    installed.rolled_out()

    assert "read: all of it" in installed.log("read")


def test_a_change_of_values_replaces_the_pod_and_a_rollback_undoes_it(installed: Namespace) -> None:
    (before,) = installed.pods
    installed.upgrade({"extraArgs": {"workers": 2}}, major=4)
    (changed,) = installed.pods
    installed.helm("rollback", installed.release, "--wait", "--timeout=240s")
    (undone,) = installed.pods

    names = {each["metadata"]["name"] for each in (before, changed, undone)}
    templates = [each["metadata"]["annotations"]["checksum/values"] for each in (before, changed, undone)]
    assert len(names) == 3
    assert templates[0] == templates[2] != templates[1]
    assert "read: all of it" in installed.log("read")


def test_a_change_that_pods_do_not_read_leaves_them_alone(installed: Namespace) -> None:
    (before,) = installed.pods
    installed.upgrade({"service": {"annotations": {"a": "b"}}})
    (after,) = installed.pods

    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert installed.get("service", "mlflow")["metadata"]["annotations"]["a"] == "b"


@pytest.mark.parametrize("option", ["--reuse-values", "--reset-then-reuse-values"])
def test_values_of_the_release_are_reused(installed: Namespace, option: str) -> None:
    installed.upgrade({}, option)

    assert installed.get("service", "mlflow")["metadata"]["annotations"]["a"] == "b"


def test_uninstalling_leaves_what_holds_data_and_installing_again_finds_it(installed: Namespace) -> None:
    installed.helm("uninstall", installed.release, "--wait")
    kinds = "deployment,replicaset,service,serviceaccount,secret,configmap,persistentvolumeclaim,job"
    left = {(each["kind"], each["metadata"]["name"]) for each in installed.get(kinds)}
    installed.upgrade({})

    own = {("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")}
    assert left - own == {("PersistentVolumeClaim", "mlflow-data")}
    assert "read: all of it" in installed.log("read")
