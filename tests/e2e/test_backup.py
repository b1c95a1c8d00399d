"""Backups on a real cluster: the CronJob's pods, a restore into another release by one value, and pods that are killed.

Artifacts are in S3, which both releases share, as they are not part of a backup.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.cluster import LIMIT, CommandError, until
from tests.e2e.test_mysql import ARTIFACTS
from tests.unit.values.cases import nested

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace

LITTLE = {"requests": {"cpu": "20m", "memory": "256Mi"}}
"""Two releases and their Jobs have to fit on a small node at once."""
KINDS = ["postgres", "mysql", "sqlite"]
PASSWORD = 'p@ss/w%rd: #1 "$HOME" ü'
CREATE = {
    "postgres": "PGPASSWORD=\"$POSTGRES_PASSWORD\" psql -h 127.0.0.1 -U mlflow -c 'CREATE DATABASE restored'",
    "mysql": 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql -uroot -e "CREATE DATABASE restored;'
    " GRANT ALL ON restored.* TO 'mlflow'@'%'\"",
}
WORKLOADS = {"postgres": "statefulset/postgres", "mysql": "deployment/mysql"}
READY = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).read().decode())"


def values(kind: str, database: str, **backup: Any) -> dict[str, Any]:
    store = {
        "existingDatabaseSecret": {"name": "database-login"},
        kind: {"enabled": True, "host": kind, "database": database},
    }
    backups = nested({"enabled": True, "retention": 2, "resources": LITTLE, **backup})
    return {
        **ARTIFACTS,
        "resources": LITTLE,
        "backup": backups,
        **({} if kind == "sqlite" else {"backendStore": store}),
    }


def make_database(namespace: Namespace, kind: str) -> None:
    if kind in CREATE:
        namespace.apply(f"{kind}.yaml")
        namespace.rolled_out(WORKLOADS[kind])
        until(lambda: answers(namespace, kind), "a second database", pause=2)


def answers(namespace: Namespace, kind: str) -> bool:
    try:
        namespace.kubectl("exec", WORKLOADS[kind], "--", "sh", "-c", CREATE[kind])
    except CommandError as error:
        return "exists" in str(error)
    return True


def finished(release: Namespace, job: str) -> None:
    """Return once a Job has succeeded; if it fails, with what its pods said."""
    try:
        release.kubectl("wait", "--for=condition=Complete", f"job/{job}", f"--timeout={LIMIT}s", limit=LIMIT + 10)
    except CommandError as error:
        logs = release.kubectl("logs", "--selector", f"job-name={job}", "--all-containers", "--prefix")
        raise CommandError(f"{error}\n{logs}") from error


def pods_of(release: Namespace, job: str) -> list[dict[str, Any]]:
    found = json.loads(release.kubectl("get", "pods", "--selector", f"job-name={job}", "--output", "json"))
    items: list[dict[str, Any]] = found["items"]
    return items


def kill_after_first_step(release: Namespace, job: str) -> None:
    """Kill the Job's pod once Flowship's first step is done, while the database's program runs or when it just has."""

    def begun() -> bool:
        for pod in pods_of(release, job):
            steps = {each["name"]: each["state"] for each in pod["status"].get("initContainerStatuses", [])}
            if "terminated" in steps.get("begin", {}):
                release.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")
                return True
        return False

    until(begun, f"a pod of {job} to kill", pause=0.1)


def backup_now(release: Namespace, name: str) -> str:
    release.kubectl("create", "job", name, f"--from=cronjob/{release.release}-backup")
    return name


def log_of(release: Namespace, job: str) -> str:
    return release.kubectl("logs", f"job/{job}", "--all-containers")


@pytest.mark.parametrize("kind", KINDS)
def test_a_release_is_restored_into_another_one_whatever_is_killed(
    namespace: Namespace, keys: dict[str, str], kind: str
) -> None:
    source, target = namespace.named(f"mlflow-{kind}"), namespace.named(f"mlflow-{kind}-2")
    make_database(namespace, kind)
    source.upgrade(values(kind, "mlflow"))
    assert "write: all of it" in source.log("write")

    kill_after_first_step(source, backup_now(source, f"{kind}-killed"))
    finished(source, f"{kind}-killed")
    finished(source, backup_now(source, f"{kind}-taken"))
    said = log_of(source, f"{kind}-taken")
    assert "tracking: " in said
    assert "are not part of a backup" in said
    assert PASSWORD not in said

    claim = f"{source.release}-backups"
    target.upgrade(values(kind, "restored", **{"restore": "latest", "persistence.existingClaim": claim}), wait=False)
    (job,) = restore_jobs(target)
    kill_after_first_step(target, job)
    finished(target, job)
    target.rolled_out(f"deployment/{target.release}")
    assert "read: all of it" in target.log("read")

    told_of_backup(source)
    told_of_backup(target)
    assert "Succeeded" in target.test()
    for release in (source, target):
        release.helm("uninstall", release.release, "--wait")
    assert claim in {each["metadata"]["name"] for each in namespace.get("pvc")}


def restore_jobs(release: Namespace) -> list[str]:
    found = [each["metadata"]["name"] for each in release.get("jobs")]
    return [name for name in found if name.startswith(f"{release.release}-restore-")]


def told_of_backup(release: Namespace) -> None:
    """The inner port tells how old the last good backup is, in `/ready` and as a metric."""
    inner = f"http://{release.release}.{release.name}:9000"

    def ask(path: str) -> str:
        return release.kubectl("exec", "client", "--", "python", "-c", READY, f"{inner}{path}")

    until(lambda: json.loads(ask("/ready"))["last_backup"], "the age of the backup in /ready", pause=2)
    assert json.loads(ask("/ready"))["last_backup"]["age_seconds"] < 3600
    metric = "flowship_backup_last_success_timestamp_seconds"
    (line,) = (line for line in ask("/metrics").splitlines() if line.startswith(metric))
    assert time.time() - float(line.split()[1]) < 3600
