"""The values that newcomers begin with: installed and used where this cluster can, else taken by its API server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.chart.test_presets import PRESETS

if TYPE_CHECKING:
    from tests.e2e.cluster import LIMIT, Namespace

INSTALLED = ("laptop", "small-team")


def test_the_laptops_values_run_on_a_cluster_too(namespace: Namespace) -> None:
    namespace.upgrade(PRESETS["laptop"])

    assert "write: all of it" in namespace.log("write")
    assert "read: all of it" in namespace.log("read")
    namespace.helm("uninstall", namespace.release, "--wait")


def test_a_small_team_has_users_backups_and_a_database(namespace: Namespace) -> None:
    team = namespace.named("team")
    password = "correct horse battery"
    team.secret("mlflow-admin", username="admin", password=password)
    ingress = {**PRESETS["small-team"]["ingress"], "className": "traefik"}

    said = team.upgrade({**PRESETS["small-team"], "ingress": ingress, "fullnameOverride": "team"})

    assert "WARNING" not in said
    login: dict[str, Any] = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": password}
    assert "write: all of it" in team.log("write", **login)
    jobs = [each for each in team.get("job") if each["metadata"]["name"].startswith("team-backup")]
    names = (f"job/{each['metadata']['name']}" for each in jobs)
    team.kubectl("wait", "--for=condition=Complete", *names, f"--timeout={LIMIT}s", limit=LIMIT + 10)
    assert {each["metadata"]["name"] for each in team.get("cronjob")} == {"team-backup", "team-gc"}
    team.helm("uninstall", team.release, "--wait")


@pytest.mark.parametrize("name", sorted(set(PRESETS) - set(INSTALLED)))
def test_the_api_server_takes_every_object_of_the_others(namespace: Namespace, name: str) -> None:
    """But those that only a cloud knows."""
    values: dict[str, Any] = {key: value for key, value in PRESETS[name].items() if key != "extraObjects"}
    here = {key: {**values[key], "namespace": namespace.name} for key in ("serviceMonitor",) if key in values}
    account = {**values.get("serviceAccount", {}), "name": "default"}  # of the pod of `helm test`, which must be there
    given = yaml.dump({**values, **here, "serviceAccount": account}, Dumper=yaml.CSafeDumper)
    options = ("--api-versions", "monitoring.coreos.com/v1", "--kube-version", "1.36", "--values", "-")
    objects = namespace.helm("template", "mlflow", str(namespace.cluster.chart), *options, given=given)

    taken = namespace.kubectl("apply", "--dry-run=server", "--output", "yaml", "--filename", "-", given=objects)

    assert len(yaml.safe_load(taken)["items"]) == sum(bool(each) for each in yaml.safe_load_all(objects))
