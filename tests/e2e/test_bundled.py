"""The databases that the chart installs: the examples of the page on Kubernetes, with Helm 3 and Helm 4, and users with
any password. The data outlives the pod and the release."""

from __future__ import annotations

import base64
import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.cluster import CHART, CommandError, until
from tests.markdown import blocks

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace
    from tests.helm import HelmMajor

PAGE = Path(CHART.parents[1] / "docs" / "how-to" / "kubernetes.md").read_text()
BLOCKS = [yaml.safe_load(block) for block in blocks(PAGE, "yaml")]
PASSWORD = "p@ss/w%rd: #1 \"$HOME\" <ü> 'quoted' \\ 漢字"
POWERS = """
    SELECT rolname, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
        OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid),
        (SELECT array_agg(datname) FROM pg_database WHERE datdba = r.oid),
        (SELECT array_to_string(array_agg(DISTINCT tableowner), ',') FROM pg_tables WHERE schemaname = 'public')
    FROM pg_roles r"""
"""Each role, whether it has any power of a superuser's, its databases, and who owns the tables."""
FEWER_WORKERS = {"extraArgs": {"workers": 2}}


def examples(section: str) -> list[dict[str, Any]]:
    """Those that install a database and say nothing more of it."""
    return [{**block, **FEWER_WORKERS} for block in BLOCKS if block.get(section) == {"enabled": True}]


@dataclass(frozen=True)
class Database:
    """A release, and what its database is called."""

    release: str
    section: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.release}-{self.section}"

    @property
    def pod(self) -> str:
        return f"{self.name}-server-0"

    def passwords(self, namespace: Namespace) -> dict[str, str]:
        """What its Secret holds."""
        data = namespace.get("secret", self.name)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def ask(self, namespace: Namespace, sql: str) -> str:
        """What it answers to its superuser."""
        if self.section == "postgresql":
            command = 'psql -U postgres -d mlflow -At -c "$0"'
        else:
            client = "$(command -v mysql || command -v mariadb)"
            command = (
                f'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" {client} -u root mlflow --default-character-set=utf8mb4 -N -e "$0"'
            )
        return namespace.kubectl("exec", self.pod, "--", "sh", "-c", command, sql)

    def rights(self, namespace: Namespace, user: str) -> str:
        """What a user may do: `its database` if it owns that one and may do nothing else."""
        if self.section == "postgresql":
            (powers,) = [each for each in self.ask(namespace, POWERS).splitlines() if each.startswith(f"{user}|")]
            return "its database" if powers == f"{user}|f|{{mlflow}}|{user}" else powers
        usage, *others = self.ask(namespace, f"SHOW GRANTS FOR '{user}'@'%'").splitlines()
        whole = usage.startswith("GRANT USAGE ON *.*") and others == [
            f"GRANT ALL PRIVILEGES ON `mlflow`.* TO `{user}`@`%`"
        ]
        return "its database" if whole else "\n".join([usage, *others])

    def kill_while_it_is_made(self, namespace: Namespace) -> None:
        """Kill what makes it, once half of it is there, which ends the container and not the pod."""
        claim, half = {
            "postgresql": ("/var/lib/postgresql/data", "pgdata/PG_VERSION"),
            "mysql": ("/var/lib/mysql", "mysqldata/mysql"),
        }[self.section]
        wait = f"cd {claim}; for i in $(seq 500); do test -e being-made -a -e {half} && kill -9 -1; sleep 0.02; done"

        def begun() -> bool:
            with contextlib.suppress(CommandError):  # there is no container yet, or it ends
                namespace.kubectl("exec", self.pod, "--", "sh", "-c", wait)
            return self.restarts(namespace) > 0

        until(begun, f"a container of {self.pod} to kill", pause=0.1)

    def restarts(self, namespace: Namespace) -> int:
        """How often its container was started anew."""
        found = [pod for pod in namespace.get("pods") if pod["metadata"]["name"] == self.pod]
        return sum(each["restartCount"] for pod in found for each in pod["status"].get("containerStatuses", []))

    def killed(self, namespace: Namespace, *options: str) -> None:
        """Delete its pod; return once another one is ready."""
        namespace.kubectl("delete", "pod", self.pod, *options)
        namespace.rolled_out(f"statefulset/{self.name}-server")


def uids(namespace: Namespace, release: str) -> set[str]:
    """Its pods, MLflow's and the database's."""
    return {pod["metadata"]["uid"] for pod in namespace.named(release).pods}


@pytest.mark.parametrize(("section", "first", "second"), [("postgresql", 3, 4), ("mysql", 4, 3)])
def test_the_examples_of_the_page_run_and_their_data_outlives_pod_and_release(
    namespace: Namespace, section: str, first: HelmMajor, second: HelmMajor
) -> None:
    database = Database("mlflow" if section == "postgresql" else "mlflow-b", section)
    own = namespace.named(database.release)
    migrating, waiting = examples(section)

    own.upgrade(migrating, major=first)
    made = database.passwords(own)
    assert "write: all of it" in own.log("write")
    assert database.rights(own, "mlflow") == "its database"
    own.upgrade(waiting, major=first)
    database.killed(own)
    own.rolled_out(f"deployment/{database.release}")
    assert "read: all of it" in own.log("read")
    assert "Succeeded" in own.test(first)

    own.helm("uninstall", database.release, "--wait", major=first)
    left = {(kind, each["metadata"]["name"]) for kind in ("secret", "pvc") for each in own.get(kind)}
    assert {("secret", database.name), ("pvc", f"{database.name}-data")} <= left
    assert {each["metadata"]["name"] for kind in ("job", "role", "rolebinding") for each in own.get(kind)} == set()

    own.upgrade(waiting, major=second)
    before = uids(own, database.release)
    own.upgrade(waiting, major=second)
    assert uids(own, database.release) == before, "an upgrade without a change replaced a pod"
    own.upgrade(migrating, major=second)
    assert database.passwords(own) == made
    assert "read: all of it" in own.log("read")
    own.helm("uninstall", database.release, "--wait", major=second)


USERS = [
    Database("mlflow-u", "postgresql", {"auth": {"username": "ann ü", "password": PASSWORD}}),
    Database(
        "mlflow-m",
        "mysql",
        {"auth": {"username": "ann ü", "password": PASSWORD}, "image": {"repository": "mariadb"}},
    ),
]


@pytest.mark.parametrize("database", USERS, ids=lambda database: database.section)
def test_a_user_with_any_password_owns_the_database_and_nothing_else_though_the_first_start_is_killed(
    namespace: Namespace, database: Database
) -> None:
    own = namespace.named(database.release)
    with ThreadPoolExecutor(1) as background:
        values = {database.section: {"enabled": True, **database.values}, **FEWER_WORKERS}
        upgrade = background.submit(own.upgrade, values)
        database.kill_while_it_is_made(own)
        upgrade.result()

    assert "write: all of it" in own.log("write")
    assert database.rights(own, "ann ü") == "its database"
    if database.section == "mysql":
        assert "MariaDB" in database.ask(own, "SELECT @@version")


@pytest.mark.parametrize("database", USERS, ids=lambda database: database.section)
def test_no_password_is_in_an_object_a_log_or_a_process(namespace: Namespace, database: Database) -> None:
    everything = json.dumps(namespace.get("deployment,statefulset,pod,configmap,service"), ensure_ascii=False)
    logs = namespace.kubectl("logs", database.pod, "--all-containers")
    list_processes = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
    processes = namespace.kubectl("exec", database.pod, "--", "sh", "-c", list_processes)

    for password in (PASSWORD, *database.passwords(namespace).values()):
        for part in (password[:9], password[-9:]):
            assert part not in everything
            assert part not in logs
            assert part not in processes


@pytest.mark.parametrize("database", USERS, ids=lambda database: database.section)
def test_it_ends_in_good_time_under_open_connections_and_comes_back_after_a_crash(
    namespace: Namespace, database: Database
) -> None:
    own = namespace.named(database.release)
    began = time.monotonic()
    own.kubectl("delete", "pod", database.pod, "--wait")
    took = time.monotonic() - began
    own.rolled_out(f"statefulset/{database.name}-server")
    database.killed(own, "--grace-period=0", "--force")
    own.rolled_out(f"deployment/{database.release}")

    assert took < 60, "it waited for MLflow to hang up"
    assert "read: all of it" in own.log("read")
    own.helm("uninstall", database.release, "--wait")
