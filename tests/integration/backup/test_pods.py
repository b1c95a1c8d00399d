"""The steps of the chart's pods, by the real program: Flowship, the script that it leaves to the database's image, and
Flowship again; and what the server's pod does meanwhile."""

from __future__ import annotations

import json
import stat
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from flowship.backup import record
from flowship.database.drivers import MYSQL
from flowship.database.engine import open_engine
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.part import Part
from tests.integration.backup.rows import TEXTS, fill, tags
from tests.integration.database.places import make_old, url_of
from tests.integration.flowship import PROGRAM, clean, run, write_values

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

    from tests.integration.servers.database import Database
    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer

POSTGRES = "postgresql+psycopg2"


@dataclass(frozen=True)
class Release:
    """Values as the chart mounts them, and what the pods share."""

    folder: Path
    database: Database
    kind: str
    backup: dict[str, Any]

    @property
    def url(self) -> URL:
        return url_of(self.database, self.kind)

    @property
    def values(self) -> Path:
        section = "mysql" if self.kind == MYSQL else "postgres"
        file = self.folder / f"{self.database.name}.yaml"
        values = {"backendStore": {section: self.database.section()}, "backup": {"enabled": True, **self.backup}}
        return write_values(file, values)

    @property
    def work(self) -> Path:
        folder = self.folder / f"{self.database.name}-work"
        folder.mkdir(exist_ok=True)
        return folder

    def step(self, name: str, *arguments: str) -> str:
        """Run one of Flowship's steps; what it said."""
        done = run(*arguments, "-f", str(self.values), "--work", str(self.work), "--step", name)
        assert done.returncode == 0, done.stderr
        assert self.database.password not in done.stderr
        return done.stderr

    def script(self, name: str = "tracking", expected: int = 0) -> None:
        """Run the script, as the database's container does: with no variable of ours."""
        done = subprocess.run(
            ["sh", str(self.work / f"{name}.sh")], env=clean({}), capture_output=True, text=True, check=False
        )
        assert done.returncode == expected, done.stderr
        assert self.database.password not in done.stderr

    @property
    def place(self) -> str:
        return str(self.folder / "backups")

    def back_up(self) -> str:
        begun = self.step("begin", "backup", "--to", self.place)
        self.script()
        self.script("auth")
        return begun + self.step("finish", "backup", "--to", self.place)

    def restore(self, name: str = "latest") -> str:
        begun = self.step("begin", "restore", name, "--from", self.place)
        self.script()
        self.script("auth")
        return begun + self.step("finish", "restore", name, "--from", self.place)


@pytest.fixture
def release(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Makes a release with an empty database of a kind."""

    def make(kind: str, **backup: Any) -> Release:
        server = request.getfixturevalue("mariadb" if kind == MYSQL else "postgres")
        return Release(tmp_path, server.fresh_database(), kind, backup)

    return make


@pytest.mark.parametrize("kind", [POSTGRES, MYSQL])
def test_the_scripts_dump_and_load_whatever_the_password_is(release: Any, kind: str) -> None:
    source, target = release(kind), release(kind)
    fill(source.url)

    said = source.back_up()
    assert "rows of " in said
    assert "are not part of a backup" in said
    assert stat.S_IMODE((source.work / "tracking.sh").stat().st_mode) == 0o600
    target.restore()
    assert tags(target.url) == TEXTS

    assert "was restored from backup" in target.restore()
    assert tags(target.url) == TEXTS


def test_a_dump_that_fails_in_the_container_is_no_backup(release: Any, postgres: PostgresServer) -> None:
    source = release(POSTGRES)
    fill(source.url)
    source.step("begin", "backup", "--to", source.place)
    postgres.execute(f"ALTER ROLE \"{source.database.user}\" PASSWORD 'changed'")
    source.script(expected=1)

    done = run("backup", "-f", str(source.values), "--to", source.place, "--work", str(source.work), "--step", "finish")
    assert done.returncode == 1
    assert "tracking.sql is not complete" in done.stderr


def test_a_program_that_the_image_lacks_is_named(release: Any) -> None:
    source = release(POSTGRES)
    fill(source.url)
    source.step("begin", "backup", "--to", source.place)
    script = (source.work / "tracking.sh").read_text().replace("pg_dump", "no_such_dump")
    done = subprocess.run(["sh", "-c", script], env=clean({}), capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == "this image has no no_such_dump; name one that has in backup.images\n"


def start(release: Release, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, *arguments, "-f", str(release.values)],
        env=clean({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def line_with(process: subprocess.Popen[str], words: str, limit: float = 60) -> str:
    """The line of its output with these words."""
    assert process.stdout is not None
    deadline = time.monotonic() + limit
    seen = []
    while time.monotonic() < deadline and (line := process.stdout.readline()):
        seen.append(line)
        if words in line:
            return line
    raise AssertionError("".join(seen))


def test_the_server_waits_until_the_job_has_restored(release: Any, tmp_path: Path) -> None:
    source, target = release(POSTGRES), release(POSTGRES, restore="latest")
    fill(source.url)
    source.back_up()
    with start(target, "migrate", "--data", str(tmp_path / "data")) as server:
        line_with(server, "waiting until backup latest is restored")
        target.step("begin", "restore", "latest", "--from", target.place)
        target.script()
        assert server.poll() is None
        target.step("finish", "restore", "latest", "--from", target.place)
        line_with(server, "is ready for this MLflow")

    assert server.returncode == 0
    assert tags(target.url) == TEXTS


def test_a_server_that_holds_other_data_is_not_restored_and_says_so(release: Any, tmp_path: Path) -> None:
    target = release(POSTGRES, restore="latest")
    fill(target.url)

    done = run("migrate", "-f", str(target.values), "--data", str(tmp_path / "data"))
    assert done.returncode == 1
    assert "holds other data. A backup is restored into an empty database only" in done.stderr


def test_a_migration_waits_for_a_backup_from_before_it(release: Any, tmp_path: Path) -> None:
    source = release(POSTGRES)
    make_old(source.url)
    with start(source, "migrate", "--data", str(tmp_path / "data")) as migration:
        line_with(migration, "waiting for a backup, from before the migration")
        assert read_state(open_engine(source.url), Part.TRACKING).standing is Standing.OLDER
        source.back_up()
        line_with(migration, "is ready for this MLflow")

    assert migration.returncode == 0
    assert read_state(open_engine(source.url), Part.TRACKING).standing is Standing.CURRENT
    (manifest,) = (tmp_path / "backups").glob("*/manifest.json")
    revisions = json.loads(manifest.read_text())["databases"]["tracking"]["revisions"]
    assert revisions["alembic_version"] != Part.TRACKING.head


def test_without_backups_a_migration_says_that_there_is_no_way_back(postgres: PostgresServer, tmp_path: Path) -> None:
    database = postgres.fresh_database()
    make_old(url_of(database, POSTGRES))
    values = write_values(tmp_path / "values.yaml", {"backendStore": {"postgres": database.section()}})

    done = run("migrate", "-f", str(values), "--data", str(tmp_path / "data"))
    assert done.returncode == 0
    assert "there is no way back from revision" in done.stderr
    assert "set backup.enabled on Kubernetes" in done.stderr


def test_the_first_job_waits_until_the_server_has_made_its_tables(release: Any) -> None:
    source = release(POSTGRES)
    begin = ("backup", "--to", source.place, "--work", str(source.work), "--step", "begin", "--patience", "60")
    with start(source, *begin) as job:
        line_with(job, "holds no tables of MLflow yet")
        fill(source.url)
        job.communicate(timeout=60)

    assert job.returncode == 0
    source.script()
    source.step("finish", "backup", "--to", source.place)
    assert record.last(open_engine(source.url)) is not None


def test_a_laptop_restores_what_a_cluster_has_backed_up(release: Any) -> None:
    source, laptop = release(MYSQL), release(MYSQL)
    fill(source.url)
    source.back_up()

    done = run("restore", "-f", str(laptop.values), "--from", source.place)
    assert done.returncode == 0, done.stderr
    assert tags(laptop.url) == TEXTS


def test_users_in_a_database_of_their_own_are_backed_up_and_restored(
    postgres: PostgresServer, mariadb: MariadbServer, tmp_path: Path
) -> None:
    def values(name: str) -> str:
        stores = {
            "backendStore": {"mysql": mariadb.fresh_database().section()},
            "auth": {
                "enabled": True,
                "adminUsername": "ann",
                "adminPassword": "open sesame!",
                "postgres": postgres.fresh_database().section(),
            },
        }
        return str(write_values(tmp_path / f"{name}.yaml", stores))

    source, target, place = values("source"), values("target"), str(tmp_path / "backups")
    for arguments in (
        ("migrate", "-f", source, "--data", str(tmp_path / "data")),
        ("backup", "-f", source, "--to", place),
        ("restore", "-f", target, "--from", place),
    ):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr

    (manifest,) = (tmp_path / "backups").glob("*/manifest.json")
    databases = json.loads(manifest.read_text())["databases"]
    assert databases["auth"]["rows"]["public.users"] == 1
    assert {each["kind"] for each in databases.values()} == {"mysql", "postgresql"}


def test_a_machine_without_values_backs_up_its_sqlite_files(tmp_path: Path) -> None:
    data, place = str(tmp_path / "data"), str(tmp_path / "backups")
    empty = write_values(tmp_path / "values.yaml", {})
    assert run("migrate", "-f", str(empty), "--data", data).returncode == 0

    taken = run("backup", "--data", data, "--to", place)
    assert taken.returncode == 0, taken.stderr
    assert "copy that directory, or snapshot its volume" in taken.stderr
    restored = run("restore", "--data", str(tmp_path / "other"), "--from", place)
    assert restored.returncode == 0, restored.stderr
    assert (tmp_path / "other" / "mlflow.db").stat().st_mode & 0o077 == 0
    refused = run("restore", "--data", str(tmp_path / "other"), "--from", place)
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
