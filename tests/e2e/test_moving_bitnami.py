"""From chart 0.16.5 in place, with runs in a database that it had from Bitnami: dumped, restored, and nothing lost,
whatever is killed on the way."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.cluster import CommandError, until
from tests.e2e.conftest import S3_ADDRESS
from tests.e2e.old_release import QUICK, OldRelease, old_chart, prepare_clients
from tests.e2e.test_backup import LITTLE, kill_after_first_step
from tests.integration.legacy.data import USERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.cluster import Namespace
    from tests.helm import HelmMajor

PASSWORD = "as-urls-took-them"
ADMIN = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": USERS["admin"]}


@dataclass(frozen=True)
class Moved:
    """A release of 0.16.5 with a database of Bitnami's, and the file of its values."""

    release: OldRelease
    section: str
    values: Path
    major: HelmMajor

    @property
    def namespace(self) -> Namespace:
        return self.release.namespace

    @property
    def name(self) -> str:
        """Of the StatefulSet, the Service and the Secret."""
        return f"{self.namespace.release}-{self.section}"

    @property
    def deployment(self) -> str:
        return f"deployment/{self.namespace.release}"

    def upgrade(self, *options: str, moves: bool = True) -> str:
        """Upgrade it with the same values; what Helm says."""
        said = f"--set={self.section}.fromBitnami={str(moves).lower()}"
        return self.release.upgrade("--values", str(self.values), said, *options, major=self.major)

    def end_pods(self) -> None:
        """As the refusal says."""
        self.namespace.kubectl("scale", self.deployment, "--replicas=0")
        selector = f"app=mlflow,app.kubernetes.io/instance={self.namespace.release}"
        self.namespace.kubectl("wait", "--for=delete", "pod", "--selector", selector, "--timeout=120s")

    def log(self, step: str) -> str:
        """Log a run as the admin, or read it back."""
        return self.namespace.log(step, 5000, "", **ADMIN)

    def has(self, kind: str, name: str) -> bool:
        return name in {each["metadata"]["name"] for each in self.namespace.get(kind)}

    def passwords(self) -> dict[str, str]:
        """What the Secret holds."""
        data = self.namespace.get("secret", self.name)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def old_claim(self) -> str:
        """Which claim it is."""
        uid: str = self.namespace.get("pvc", f"data-{self.name}-0")["metadata"]["uid"]
        return uid

    def runs(self, workload: str) -> int:
        """How many runs a server of this release holds, as its superuser counts them."""
        count = "SELECT count(*) FROM runs"
        shell = {
            "postgresql": f'psql -h 127.0.0.1 -U postgres -d mlflow -At -c "{count}"',
            "mysql": f'mysql -h 127.0.0.1 -u root mlflow -N -e "{count}"',
        }[self.section]
        password = 'export PGPASSWORD="$POSTGRES_PASSWORD" MYSQL_PWD="$MYSQL_ROOT_PASSWORD"'
        return int(self.namespace.kubectl("exec", f"{workload}-0", "--", "sh", "-c", f"{password}; {shell}"))

    def restoring(self) -> str:
        """The Job that restores, once there is one."""
        prefix = f"{self.name}-move-"

        def found() -> list[str]:
            names = [each["metadata"]["name"] for each in self.namespace.get("jobs")]
            return [name for name in names if name.startswith(prefix)]

        until(found, "a Job that restores")
        return found()[0]


def values(section: str, release: str) -> dict[str, Any]:
    """The password of PostgreSQL was given, MySQL's was made by Bitnami's chart. Users are on another server, because
    MLflow 2.22.0 cannot have them in the database of its runs."""
    given = {"auth": {"postgresPassword": PASSWORD}} if section == "postgresql" else {}
    users = {"host": "postgres", "user": "users", "password": PASSWORD}
    return {
        section: {"enabled": True, **given},
        "backendStore": {"databaseMigration": True},
        "artifactRoot": {
            "proxiedArtifactStorage": True,
            "s3": {"enabled": True, "bucket": "artifacts", "path": release},
        },
        "extraSecretNamesForEnvFrom": ["s3-keys"],
        "extraEnvVars": {"MLFLOW_S3_ENDPOINT_URL": S3_ADDRESS, "AWS_DEFAULT_REGION": "us-east-1"},
        "auth": {
            "enabled": True,
            "adminUsername": "admin",
            "adminPassword": USERS["admin"],
            "postgres": {"enabled": True, **users, "database": section},
        },
        "extraArgs": {"workers": "1"},
        "livenessProbe": QUICK,
        "readinessProbe": QUICK,
        "resources": LITTLE,
    }


@pytest.fixture(scope="module")
def old(
    namespace: Namespace,
    postgres: Callable[[str], str],
    keys: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> OldRelease:
    postgres(f"CREATE ROLE users LOGIN PASSWORD '{PASSWORD}'")
    for section in ("postgresql", "mysql"):
        postgres(f"CREATE DATABASE {section} OWNER users")
    prepare_clients(namespace)
    return OldRelease(namespace, old_chart(tmp_path_factory.mktemp("old")))


@pytest.mark.parametrize(
    ("section", "release", "major"),
    [("postgresql", "mlflow", 3), ("mysql", "mlflow-m", 4)],
    ids=["postgresql", "mysql"],
)
def test_a_database_of_bitnamis_is_moved_and_nothing_is_lost(
    old: OldRelease, tmp_path: Path, section: str, release: str, major: HelmMajor
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.dump(values(section, release), Dumper=yaml.CSafeDumper))
    moved = Moved(old.named(release), section, file, major)
    moved.release.install(values(section, release))
    before, passwords, claim = moved.release.fill(), moved.passwords(), moved.old_claim()

    with pytest.raises(CommandError, match=rf"{section}.fromBitnami: the StatefulSet {moved.name} is a database of"):
        moved.upgrade(moves=False)
    with pytest.raises(CommandError, match=f"pods of the Deployment {release} are running"):
        moved.upgrade()
    moved.end_pods()

    failing_changes_nothing(moved)
    with ThreadPoolExecutor(1) as background:
        upgrade = background.submit(moved.upgrade)
        kill_after_first_step(moved.namespace, f"{moved.name}-dump")
        until(lambda: upgrade.done() or moved.has("statefulsets", f"{moved.name}-server"), "the new server")
        kill_after_first_step(moved.namespace, moved.restoring())
        notes = upgrade.result()

    assert f"delete pvc {moved.name}-from-bitnami data-{moved.name}-0" in notes
    assert moved.release.lost(before) == []
    assert (moved.passwords(), moved.old_claim()) == (passwords, claim)
    assert not moved.has("statefulsets", moved.name)
    going_back_finds_the_old_claim(moved)
    again_moves_nothing(moved)
    assert moved.release.lost(before) == []
    assert (moved.passwords(), moved.old_claim()) == (passwords, claim)
    without_a_trace(moved, passwords)
    moved.namespace.helm("uninstall", release, "--wait", major=major)


def failing_changes_nothing(moved: Moved) -> None:
    """A dump that cannot be taken ends the upgrade, and the old database is there."""
    with pytest.raises(CommandError, match="pre-upgrade hook"):
        moved.upgrade(f"--set={moved.section}.image.tag=none", "--timeout=20s")

    assert moved.has("statefulsets", moved.name)
    assert not moved.has("statefulsets", f"{moved.name}-server")
    assert not moved.has("pvc", f"{moved.name}-data")


def going_back_finds_the_old_claim(moved: Moved) -> None:
    """The old claim is as it was; and what is moved anew is what it holds then, not what an earlier move left."""
    runs = moved.runs(f"{moved.name}-server")
    moved.namespace.helm("rollback", moved.namespace.release, "1", major=moved.major)
    moved.namespace.rolled_out(f"statefulset/{moved.name}")
    assert moved.runs(moved.name) == runs > 0
    with pytest.raises(CommandError, match=f"the PersistentVolumeClaim {moved.name}-data is of an earlier try"):
        moved.upgrade()

    moved.namespace.kubectl("delete", "pvc", f"{moved.name}-data")
    moved.end_pods()
    moved.upgrade()


def again_moves_nothing(moved: Moved) -> None:
    """What was logged since stays, when an upgrade asks for the same once more, by another Job."""
    assert "write: all of it" in moved.log("write")
    first = moved.restoring()
    moved.upgrade("--set-string=backup.resources.requests.memory=260Mi")
    job = moved.restoring()

    assert job != first
    moved.namespace.kubectl("wait", "--for=condition=Complete", f"job/{job}", "--timeout=120s")
    assert "was restored from backup" in moved.namespace.kubectl("logs", f"job/{job}", "--all-containers")
    assert "read: all of it" in moved.log("read")


def without_a_trace(moved: Moved, passwords: dict[str, str]) -> None:
    """The dump and the old claim go, and the data stays; asking for more is refused then."""
    moved.upgrade(moves=False)
    moved.namespace.kubectl("delete", "pvc", f"{moved.name}-from-bitnami", f"data-{moved.name}-0")

    assert moved.passwords() == passwords
    assert "read: all of it" in moved.log("read")
    with pytest.raises(CommandError, match=f"there is no StatefulSet {moved.name} of Bitnami's"):
        moved.upgrade()
