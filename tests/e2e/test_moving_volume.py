"""From chart 0.16.5 in place, with runs in MySQL, and users and artifacts in files of root on a volume."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.cluster import CommandError, until
from tests.e2e.old_release import QUICK, OldRelease, old_chart, prepare_clients
from tests.integration.legacy.data import USERS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.cluster import Namespace

PASSWORD = "as-urls-took-them"
CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "old"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


def values(artifacts: str) -> dict[str, Any]:
    """Artifacts are mounted at a path; the old chart put users into `/volumes/authbasic_auth.db`."""
    return {
        "backendStore": {
            "databaseMigration": True,
            "mysql": {"enabled": True, "host": "mysql", "database": "mlflow", "user": "old", "password": PASSWORD},
        },
        "artifactRoot": {"proxiedArtifactStorage": True},
        "auth": {
            "enabled": True,
            "adminUsername": "admin",
            "adminPassword": USERS["admin"],
            "sqliteFullPath": "/volumes/auth",
        },
        "extraVolumes": [{"name": "old", "persistentVolumeClaim": {"claimName": "old"}}],
        "extraVolumeMounts": [
            {"name": "old", "mountPath": "/volumes"},
            {"name": "old", "mountPath": artifacts, "subPath": "mlartifacts"},
        ],
        "extraArgs": {"workers": "1"},
        "livenessProbe": QUICK,  # on a busy machine, the old one's ends the old server
        "readinessProbe": QUICK,
    }


@pytest.fixture(scope="module")
def old(namespace: Namespace, tmp_path_factory: pytest.TempPathFactory) -> OldRelease:
    namespace.apply("mysql.yaml")
    namespace.kubectl("apply", "--filename", "-", given=yaml.dump(CLAIM))
    namespace.rolled_out("deployment/mysql")
    sql = f"CREATE USER old IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON mlflow.* TO old"
    shell = 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql -u root -e "$0"'
    namespace.kubectl("exec", "deployment/mysql", "--", "sh", "-c", shell, sql)
    prepare_clients(namespace)
    release = OldRelease(namespace, old_chart(tmp_path_factory.mktemp("old")))
    release.install(values("/mlflow/mlartifacts"))
    return release


@pytest.fixture(scope="module")
def before(old: OldRelease) -> Any:
    """What the client of 2.22.0 logged and read."""
    return old.fill()


def test_an_upgrade_that_keeps_every_old_default_is_refused_with_what_to_write(old: OldRelease, before: Any) -> None:
    with pytest.raises(CommandError, match=r"extraVolumeMounts, artifactRoot.proxiedArtifactStorage: .* /var/lib/flow"):
        old.upgrade("--reuse-values", major=3)


def test_a_file_of_root_is_refused_with_the_command_that_mends_it(old: OldRelease, before: Any, tmp_path: Path) -> None:
    """Kubernetes hands files to the pod's group unless the volume is the group's already."""
    command = "chgrp 1001 /volumes && chmod 2770 /volumes && chmod 0600 /volumes/authbasic_auth.db"
    old.namespace.kubectl("exec", "deployment/mlflow", "--", "sh", "-c", command)
    old.upgrade("--values", file_of_values(tmp_path), major=3, wait=False)

    def told() -> str:
        try:
            return old.namespace.kubectl("logs", "deployment/mlflow", "--container", "mlflow")
        except CommandError:  # it has not begun
            return ""

    until(lambda: "Run as root: chown -R 1001 /volumes" in told(), "the pod says what to run")


def test_everything_is_read_back_with_the_old_values_over_the_new_defaults(
    old: OldRelease, before: Any, tmp_path: Path
) -> None:
    """A limit below our own request, and a key in place of the one that the old chart's hook left."""
    handed_over = "--set=podSecurityContext.fsGroupChangePolicy=Always"
    own = ("--set=resources.limits.memory=700Mi", "--set=flaskServerSecretKey=rotated")
    old.upgrade("--reset-then-reuse-values", "--values", file_of_values(tmp_path), handed_over, *own, major=3)
    (server,) = old.namespace.get("deployment", "mlflow")["spec"]["template"]["spec"]["containers"]
    files = old.namespace.kubectl("exec", "deployment/mlflow", "--", "ls", "/volumes", "/volumes/auth").split()

    assert old.lost(before) == []
    assert {"authbasic_auth.db", "basic_auth.db"} <= set(files)
    assert [name for name in files if name.startswith("basic_auth.db.before-")]
    assert server["resources"] == {"limits": {"memory": "700Mi"}, "requests": {"cpu": "250m"}}
    assert "envFrom" not in server


def file_of_values(folder: Path) -> str:
    file = folder / "values.yaml"
    file.write_text(yaml.dump(values("/var/lib/flowship/artifacts"), Dumper=yaml.CSafeDumper))
    return str(file)
