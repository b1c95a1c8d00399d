"""What the pods run that move a database of Bitnami's, by the real program: dumped as MLflow 2.22.0 left it, restored
into an empty one, and waited for by the server."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from flowship.backup.catalog import Catalog
from flowship.database.drivers import MYSQL
from flowship.database.engine import open_engine
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import unfinished_restore
from flowship.database.part import Part
from tests.databases import tracking_at
from tests.integration.backup.test_pods import POSTGRES, line_with
from tests.integration.database.places import execute, make_old, scalar, url_of
from tests.integration.flowship import PROGRAM, clean, run, write_values

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

    from tests.integration.servers.database import Database

SECTION = {POSTGRES: "postgresql", MYSQL: "mysql"}
NAMES = {
    "postgresql": ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"),
    "mysql": ("MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_DATABASE", "MYSQL_USERNAME", "MYSQL_PWD"),
}
RUN = (
    "INSERT INTO runs (run_uuid, experiment_id, lifecycle_stage) VALUES ('r', 7, 'active')",
    "INSERT INTO metrics (`key`, value, timestamp, run_uuid, step, is_nan) VALUES ('zero', '-0', 1, 'r', 0, false)",
)
ZERO = "SELECT value FROM metrics"


@dataclass(frozen=True)
class Server:
    """A database, and a directory that the pods share."""

    folder: Path
    database: Database
    kind: str

    @property
    def url(self) -> URL:
        return url_of(self.database, self.kind)

    @property
    def variables(self) -> dict[str, str]:
        """As the chart hands them over."""
        of = self.database
        return dict(zip(NAMES[SECTION[self.kind]], (of.host, str(of.port), of.name, of.user, of.password), strict=True))

    def step(self, what: str, step: str, *options: str, expected: int = 0) -> str:
        """Run one of Flowship's steps; what it said."""
        work = self.folder / f"{what}-work"
        work.mkdir(exist_ok=True)
        places = ("--kind", SECTION[self.kind], "--dumps", str(self.folder / "dumps"), "--work", str(work))
        done = run("move-bitnami", what, *options, *places, "--step", step, environ=self.variables)
        assert done.returncode == expected, done.stderr
        assert self.database.password not in done.stderr
        return done.stderr

    def script(self, what: str) -> None:
        """Run the script, as the database's container does."""
        script = self.folder / f"{what}-work" / "tracking.sh"
        subprocess.run(["sh", str(script)], env=clean({}), check=True, capture_output=True)

    def whole(self, what: str, *options: str) -> str:
        """All that a pod runs."""
        begun = self.step(what, "begin", *options)
        self.script(what)
        return begun + self.step(what, "finish")


@pytest.fixture(params=[POSTGRES, MYSQL], ids=["postgresql", "mysql"])
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Server, Server]:
    """The old one, with a run, and the new one."""
    maker = request.getfixturevalue("mariadb" if request.param == MYSQL else "postgres")
    old, new = (Server(tmp_path, maker.fresh_database(), request.param) for _ in range(2))
    make_old(old.url)
    execute(old.url, *(each.replace("`", "`" if request.param == MYSQL else "") for each in RUN))
    return old, new


def serving(new: Server) -> subprocess.Popen[str]:
    """The step of the server's pod that waits."""
    values: dict[str, Any] = {SECTION[new.kind]: {"enabled": True, "fromBitnami": True}}
    file = write_values(new.folder / "values.yaml", values)
    return subprocess.Popen(
        [PROGRAM, "migrate", "-f", str(file), "--data", str(new.folder / "data")],
        env=clean(new.variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_what_2_22_0_left_is_moved_and_then_migrated(servers: tuple[Server, Server]) -> None:
    old, new = servers
    tables = unfinished_restore.tables(tracking_at(old.url))
    old.whole("dump", "--seen", "old")
    with serving(new) as server:
        line_with(server, "waiting until the dump of Bitnami's database is restored into")
        assert "as in the backup" in new.whole("restore")
        line_with(server, "is ready for this MLflow")

    assert server.returncode == 0
    assert read_state(open_engine(new.url), Part.TRACKING).standing is Standing.CURRENT
    assert str(scalar(new.url, ZERO)) == str(scalar(old.url, ZERO))
    assert unfinished_restore.tables(tracking_at(old.url)) == tables, "nothing is left in the old one"
    assert read_state(open_engine(old.url), Part.TRACKING).standing is Standing.OLDER


def test_what_is_moved_is_not_moved_again(servers: tuple[Server, Server]) -> None:
    old, new = servers
    old.whole("dump", "--seen", "old")
    new.whole("restore")
    execute(new.url, "DELETE FROM metrics")

    assert "nothing is to be dumped" in old.whole("dump", "--seen", "new")
    assert "nothing is to be done" in new.whole("restore")
    assert scalar(new.url, "SELECT count(*) FROM metrics") == 0


def test_a_dump_that_was_cut_short_is_taken_anew_and_replaces_an_older_one(servers: tuple[Server, Server]) -> None:
    old, _ = servers
    old.whole("dump", "--seen", "old")
    first = Catalog(old.folder / "dumps").good()
    old.step("dump", "begin", "--seen", "old")
    old.whole("dump", "--seen", "old")

    assert len(first) == len(Catalog(old.folder / "dumps").good()) == 1
    assert Catalog(old.folder / "dumps").good() != first


def test_a_restore_that_was_cut_short_is_begun_anew(servers: tuple[Server, Server]) -> None:
    old, new = servers
    old.whole("dump", "--seen", "old")
    new.step("restore", "begin")
    new.script("restore")

    assert "as in the backup" in new.whole("restore")
    assert scalar(new.url, "SELECT count(*) FROM metrics") == 1


def test_a_database_that_mlflow_filled_meanwhile_is_not_touched(servers: tuple[Server, Server]) -> None:
    old, new = servers
    old.whole("dump", "--seen", "old")
    make_old(new.url)

    assert "is not empty" in new.step("restore", "begin", expected=1)
    with serving(new) as server:
        line_with(server, "fromBitnami to false to keep this one")
    assert server.returncode == 1
