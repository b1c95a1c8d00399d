"""A database that chart 0.16.5 had from Bitnami: what moves it, and what the chart says to what the cluster has."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.chart.conftest import Chart
from tests.chart.rendering import CHART, RenderingError, require_restricted, template
from tests.chart.test_backup import containers, volumes
from tests.chart.test_bundled import ADMIN_KEY, EACH, HOST, PASSWORD, PORT, SUPERUSER, USER_KEY, on, variables
from tests.e2e.old_release import old_chart
from tests.effects import shows
from tests.helm import HelmMajor
from tests.unit.values.cases import AUTH, nested

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chart.conftest import Render
    from tests.chart.rendering import Objects

DATABASE = {
    "postgresql": ("PGDATABASE", "PGUSER", "PGPORT"),
    "mysql": ("MYSQL_DATABASE", "MYSQL_USERNAME", "MYSQL_TCP_PORT"),
}
SENTENCE = 'printed: {{ include "mlflow.bitnamiSentence" .Values | toJson }}\n'


def moving(section: str, **values: Any) -> dict[str, Any]:
    return on(section, fromBitnami=True, **values)


def dumping(objects: Objects, section: str) -> dict[str, Any]:
    return objects.one("Job", f"demo-{section}-dump")


def restoring(objects: Objects) -> dict[str, Any]:
    (found,) = (each for each in objects.of("Job") if "-move-" in each["metadata"]["name"])
    return found


@EACH
@shows("postgresql.fromBitnami", "mysql.fromBitnami")
def test_a_job_dumps_before_anything_changes_and_another_one_restores(render: Render, section: str) -> None:
    objects = render(moving(section))
    dump, restore = dumping(objects, section), restoring(objects)

    assert dump["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert "annotations" not in restore["metadata"], "helm --wait would wait for a server that waits for it"
    assert list(containers(dump)) == list(containers(restore)) == ["begin", "tracking", "finish"]
    for step in ("begin", "finish"):
        tail = ["--kind", section, "--step", step]
        assert containers(dump)[step]["args"] == ["move-bitnami", "dump", "--seen", "unknown", *tail]
        assert containers(restore)[step]["args"] == ["move-bitnami", "restore", *tail]
    assert objects.pod_values[section]["fromBitnami"] is True, "the server waits for it"


@EACH
def test_nothing_is_moved_unless_asked_for(render: Render, section: str) -> None:
    added = render(moving(section)).names - render(on(section)).names

    assert {(kind, name.rpartition("-move-")[1] or name) for kind, name in added} == {
        ("Job", f"demo-{section}-dump"),
        ("Job", "-move-"),
        ("Service", f"demo-{section}-old"),
        ("PersistentVolumeClaim", f"demo-{section}-from-bitnami"),
    }


@EACH
def test_its_pods_are_restricted_and_no_service_finds_them(render: Render, section: str) -> None:
    objects = render(moving(section))

    require_restricted(objects)
    for job in (dumping(objects, section), restoring(objects)):
        pod = job["spec"]["template"]
        assert pod["metadata"]["labels"] == {"release": "demo", "app.kubernetes.io/component": "move"}
        assert pod["spec"]["automountServiceAccountToken"] is False
        assert "serviceAccountName" not in pod["spec"], "it may not be there before the release"
        assert volumes(job)["work"]["emptyDir"] == {"medium": "Memory", "sizeLimit": "1Mi"}
        assert volumes(job)["dump"]["persistentVolumeClaim"] == {"claimName": f"demo-{section}-from-bitnami"}


@EACH
@pytest.mark.parametrize("given", [{}, {"auth__password": "sesame"}], ids=["made", "given"])
def test_the_old_server_is_reached_as_the_old_secret_says(render: Render, section: str, given: dict[str, str]) -> None:
    """The Secret with the password of the values is not there yet when it is dumped."""
    objects = render(moving(section, auth__username="ann", auth__database="runs", **given))
    database, user, port = DATABASE[section]
    old = variables(containers(dumping(objects, section))["begin"])
    new = variables(containers(restoring(objects))["begin"])

    assert old == {
        HOST[section]: f"demo-{section}-old",
        PASSWORD[section]: (f"demo-{section}", USER_KEY[section]),
        database: "runs",
        user: "ann",
        port: str(PORT[section]),
    }
    secret = f"demo-{section}-given" if given else f"demo-{section}"
    assert new == {**old, HOST[section]: f"demo-{section}", PASSWORD[section]: (secret, USER_KEY[section])}


@EACH
def test_the_old_server_is_found_by_its_own_labels_whoever_has_its_service(render: Render, section: str) -> None:
    objects = render(moving(section, **{f"primary__service__ports__{section}": 6000}))
    service = objects.one("Service", f"demo-{section}-old")["spec"]
    labels = objects.one("StatefulSet")["spec"]["template"]["metadata"]["labels"]
    port = DATABASE[section][2]

    assert service["selector"] == {
        "app.kubernetes.io/name": section,
        "app.kubernetes.io/instance": "demo",
        "app.kubernetes.io/component": "primary",
    }
    assert not service["selector"].items() <= labels.items()
    assert (service["clusterIP"], service["publishNotReadyAddresses"]) == ("None", True)
    assert variables(containers(dumping(objects, section))["begin"])[port] == str(PORT[section])
    assert variables(containers(restoring(objects))["begin"])[port] == "6000"


@EACH
def test_a_secret_of_the_users_own_is_the_old_one_too(render: Render, section: str) -> None:
    objects = render(moving(section, auth__existingSecret="own"))

    old = variables(containers(dumping(objects, section))["finish"])
    new = variables(containers(restoring(objects))["finish"])
    user = DATABASE[section][1]
    assert (old[user], old[PASSWORD[section]]) == (SUPERUSER[section], ("own", ADMIN_KEY[section]))
    assert (new[user], new[PASSWORD[section]]) == ("mlflow", (f"demo-{section}-user", USER_KEY[section]))


@EACH
def test_the_claim_of_the_dump_is_as_large_as_the_databases_and_never_made_anew(render: Render, section: str) -> None:
    objects = render(moving(section, primary__persistence__size="20Gi", primary__persistence__storageClass="fast"))
    found = objects.one("PersistentVolumeClaim", f"demo-{section}-from-bitnami")

    assert found["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "20Gi"}},
    }
    assert found["metadata"]["annotations"]["helm.sh/hook-delete-policy"] == "hook-failed"


@EACH
def test_the_databases_own_image_dumps_and_loads(render: Render, section: str) -> None:
    image = {f"{section}.image.repository": "registry.example.com/own", f"{section}.image.tag": "1"}
    objects = render({**moving(section, image__pullSecrets=["registry"]), **image, "imagePullSecrets": [{"name": "a"}]})

    for job in (dumping(objects, section), restoring(objects)):
        assert containers(job)["tracking"]["image"] == "registry.example.com/own:1"
        assert job["spec"]["template"]["spec"]["imagePullSecrets"] == [{"name": "a"}, {"name": "registry"}]
        assert "env" not in containers(job)["tracking"]


@EACH
def test_what_restores_gets_through_the_network_policy(render: Render, section: str) -> None:
    objects = render({**moving(section), "networkPolicy.enabled": True})
    (rule,) = objects.one("NetworkPolicy", f"demo-{section}")["spec"]["ingress"]
    selector = rule["from"][1]["podSelector"]
    labels = restoring(objects)["spec"]["template"]["metadata"]["labels"]

    assert selector["matchLabels"].items() <= labels.items()
    assert labels["app.kubernetes.io/component"] in selector["matchExpressions"][0]["values"]


@pytest.mark.parametrize("host", ["demo-postgresql", "demo-postgresql.team-a.svc"])
def test_users_in_another_database_of_that_server_are_refused_and_in_the_same_moved(render: Render, host: str) -> None:
    own = {"enabled": True, "host": host, "database": "mlflow", "user": "postgres", "password": "sesame"}
    values = {**moving("postgresql"), **AUTH, "auth.postgres": own}

    assert render(values).of("Deployment")
    for other in ({"database": "auth"}, {"user": "users"}):
        with pytest.raises(
            RenderingError, match=r"auth.postgres.host, postgresql.fromBitnami: users are in the server"
        ):
            render({**values, "auth.postgres": {**own, **other}})
    assert render({**values, "auth.postgres": {**own, "host": "elsewhere", "database": "auth"}}).of("Deployment")


STATE = {
    "section": "mysql",
    "name": "mlflow-mysql",
    "claim": "mlflow-mysql-data",
    "dump": "mlflow-mysql-from-bitnami",
    "deployment": "mlflow",
    "app": "mlflow",
    "release": "mlflow",
    "namespace": "team-a",
    "own": True,
}
LEFT = (
    "mysql.fromBitnami: the StatefulSet mlflow-mysql is a database of Bitnami's, which this upgrade would end, while "
    "the new one begins empty. Set mysql.fromBitnami to true to move its data; moving.acceptLoss begins with an empty "
    "one."
)
CLAIMED = (
    "mysql.fromBitnami: the PersistentVolumeClaim mlflow-mysql-data is of an earlier try, and what it holds is older "
    "than what the StatefulSet mlflow-mysql of Bitnami's has. Delete it, so that the new database begins empty:\n"
    "  kubectl --namespace team-a delete pvc mlflow-mysql-data"
)
WRITING = (
    "mysql.fromBitnami: pods of the Deployment mlflow are running, and what they write after the database was dumped "
    "would be lost. End them, then upgrade again:\n"
    "  kubectl --namespace team-a scale deployment/mlflow --replicas=0\n"
    "  kubectl --namespace team-a wait --for=delete pod --selector "
    "app=mlflow,app.kubernetes.io/instance=mlflow --timeout=120s"
)
NOTHING = (
    "mysql.fromBitnami: there is no StatefulSet mlflow-mysql of Bitnami's, and no PersistentVolumeClaim "
    "mlflow-mysql-from-bitnami with a dump of one, so there is nothing to move. Set mysql.fromBitnami to false."
)


@pytest.mark.parametrize("major", [3, 4])
@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        ({"old": True, "asked": True}, LEFT),
        ({"old": True, "asked": True, "accepted": True}, ""),
        ({"asked": True}, ""),
        ({"moved": True, "old": True, "asked": True}, ""),
        ({"moved": True, "old": True, "asked": True, "dumped": True}, ""),
        ({"moved": True, "old": True, "asked": True, "writing": True}, WRITING),
        ({"moved": True, "old": True, "asked": True, "writing": True, "accepted": True}, WRITING),
        ({"moved": True, "old": True, "asked": True, "claimed": True}, CLAIMED),
        ({"moved": True, "old": True, "asked": True, "claimed": True, "own": False}, ""),
        ({"moved": True, "old": True, "new": True, "asked": True, "claimed": True, "writing": True}, ""),
        ({"moved": True, "new": True, "asked": True, "claimed": True, "dumped": True, "writing": True}, ""),
        ({"moved": True, "new": True, "asked": True, "claimed": True, "writing": True}, NOTHING),
        ({"moved": True}, ""),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_the_cluster_has_decides_what_is_refused(
    tmp_path: Path, seen: dict[str, bool], sentence: str, major: HelmMajor
) -> None:
    (tmp_path / "mlflow" / "templates").mkdir(parents=True)
    shutil.copy(CHART / "templates" / "_bitnami.tpl", tmp_path / "mlflow" / "templates")
    (tmp_path / "mlflow" / "templates" / "print.yaml").write_text(SENTENCE)
    (tmp_path / "mlflow" / "Chart.yaml").write_text("apiVersion: v2\nname: mlflow\nversion: 1.0.0\n")
    rendering = Chart(tmp_path / "mlflow").render(major, {**STATE, **seen})

    assert rendering.error == ""
    assert yaml.safe_load(rendering.output)["printed"].strip() == sentence


@EACH
def test_the_old_objects_have_the_names_that_are_looked_for(render: Render, tmp_path: Path, section: str) -> None:
    output = template(nested(on(section)), major=3, release="demo", chart=old_chart(tmp_path))
    old = [each for each in yaml.safe_load_all(output) if each]
    (workload,) = (each for each in old if each["kind"] == "StatefulSet")
    objects = render(moving(section))
    service = objects.one("Service", f"demo-{section}-old")["spec"]

    assert ("StatefulSet", workload["metadata"]["name"]) == ("StatefulSet", f"demo-{section}")
    assert ("StatefulSet", f"demo-{section}") not in objects.names
    assert service["selector"].items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    assert json.dumps(old).count(ADMIN_KEY[section]) >= 2
