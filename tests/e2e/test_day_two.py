"""A release of a team that grows: SQLite on a claim moves to the bundled PostgreSQL by one value, garbage is collected,
and Prometheus and Grafana are told. Each test goes on with the release of the one before."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.cluster import LIMIT

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace

VALUES: dict[str, Any] = {"extraArgs": {"workers": 2}}
ON_A_SERVER: dict[str, Any] = {**VALUES, "postgresql": {"enabled": True}}
COLLECTED: dict[str, Any] = {**ON_A_SERVER, "gc": {"enabled": True, "olderThan": "0s"}}
DUMPED = """
import sqlite3, sys
found = sqlite3.connect("file:/var/lib/flowship/mlflow.db?mode=ro", uri=True)
sys.stdout.write("\\n".join(found.iterdump()))
"""


def seen(**changes: Any) -> dict[str, Any]:
    """Values with everything that monitoring reads, in the release's own namespace."""
    dashboards = {"dashboards": {"enabled": True}}
    return {**COLLECTED, "metrics": dashboards, "prometheusRule": {"enabled": True}, "serviceMonitor": changes}


@pytest.fixture(scope="module")
def installed(namespace: Namespace) -> Namespace:
    namespace.upgrade(VALUES)
    assert "write: all of it" in namespace.log("write")
    return namespace


def dumped(namespace: Namespace) -> str:
    """A digest of all that the SQLite file on the claim holds."""
    text = namespace.kubectl("exec", "deployment/mlflow", "--container", "mlflow", "--", "python", "-c", DUMPED)
    assert "INSERT INTO" in text
    return hashlib.sha256(text.encode()).hexdigest()


def test_one_value_moves_sqlite_on_the_claim_to_the_bundled_database(installed: Namespace) -> None:
    before = dumped(installed)
    claim = installed.get("pvc", "mlflow-data")["metadata"]["uid"]

    installed.upgrade({**ON_A_SERVER, "backendStore": {"fromSQLite": True}})

    assert "read: all of it" in installed.log("read")
    sql = "psql -U postgres -d mlflow -At -c 'SELECT count(*) FROM metrics'"
    assert installed.kubectl("exec", "mlflow-postgresql-server-0", "--", "sh", "-c", sql) == "10\n"
    assert dumped(installed) == before
    assert installed.get("pvc", "mlflow-data")["metadata"]["uid"] == claim


def test_without_the_value_the_server_goes_on_and_the_claim_keeps_the_artifacts(installed: Namespace) -> None:
    installed.upgrade(ON_A_SERVER)

    assert "read: all of it" in installed.log("read")
    assert "Succeeded" in installed.test()


def test_the_cronjob_collects_what_was_deleted_and_keeps_what_is_registered(installed: Namespace) -> None:
    installed.upgrade(COLLECTED)
    address = {"MLFLOW_TRACKING_URI": f"http://mlflow.{installed.name}:5000"}
    runs = installed.python("collecting.py", "write", **address).splitlines()[-1]  # MLflow says more

    installed.kubectl("create", "job", "--from=cronjob/mlflow-gc", "gc-now")
    installed.kubectl("wait", "--for=condition=Complete", "job/gc-now", f"--timeout={LIMIT}s", limit=LIMIT + 10)

    left = json.loads(installed.python("collecting.py", "read", runs, **address).splitlines()[-1])
    assert left == {"registered": "deleted, with registered", "forgotten": "RESOURCE_DOES_NOT_EXIST"}
    assert json.loads(runs)["registered"] in installed.kubectl("logs", "job/gc-now")
    assert "read: all of it" in installed.log("read")
    status = ("exec", "deployment/mlflow", "--container", "mlflow", "--", "flowship", "status", "--output", "json")
    assert json.loads(installed.kubectl(*status))["garbage"]["rows"] > 0


def test_what_prometheus_and_grafana_read_is_there_and_leads_to_the_metrics(installed: Namespace) -> None:
    installed.upgrade(seen(enabled=True, useServicePort=True, namespace=installed.name))

    (endpoint,) = installed.get("servicemonitor", "mlflow")["spec"]["endpoints"]
    selector = installed.get("servicemonitor", "mlflow")["spec"]["selector"]["matchLabels"]
    selected = json.loads(installed.kubectl("get", "service", "--output", "json", "--selector", joined(selector)))
    (port,) = [
        each["port"] for one in selected["items"] for each in one["spec"]["ports"] if each["name"] == endpoint["port"]
    ]
    metrics = f"http://mlflow.{installed.name}:{port}{endpoint['path']}"
    fetched = f"import urllib.request as r; print(r.urlopen({metrics!r}).read().decode())"
    told = installed.kubectl("exec", "client", "--", "python", "-c", fetched)

    (group,) = installed.get("prometheusrule", "mlflow")["spec"]["groups"]
    named = {name for rule in group["rules"] for name in re.findall(r"\b(?:flowship|mlflow)_\w+", rule["expr"])}
    untold = {name for name in named if f"# TYPE {re.sub('_(bucket|count|sum)$', '', name)} " not in told}
    assert untold == {"flowship_authentications_total", "flowship_certificate_end_timestamp_seconds"}, (
        "nobody signs in, and there is no certificate"
    )
    boards = [
        each for each in installed.get("configmap") if each["metadata"].get("labels", {}).get("grafana_dashboard")
    ]
    assert [len(each["data"]) for each in boards] == [1, 1]
    assert all(json.loads(text)["panels"] for each in boards for text in each["data"].values())


def joined(labels: dict[str, str]) -> str:
    """Labels as `--selector` takes them."""
    return ",".join(f"{name}={value}" for name, value in labels.items())
