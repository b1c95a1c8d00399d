"""Moves and collections that are killed at random moments, through each kind of database and store, and go on.

`make test-all` runs it, with ten kills of each; `KILLS=3` and `SEED=7` in the environment make it another. What became
of each kill is told: `pytest --log-cli-level INFO`.
"""

from __future__ import annotations

import logging
import os
import random
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from flowship.database.engine import open_engine
from flowship.database.migrating.migrate import migrate
from tests.databases import databases_at
from tests.integration.flowship import run
from tests.integration.garbage.test_stores import put
from tests.integration.garbage.world import World
from tests.integration.kills.places import Servers
from tests.integration.moving.rows import fill, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.integration.kills.places import Place
    from tests.integration.servers.azure import AzureServer
    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer
    from tests.integration.servers.s3 import S3Server

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow's own, of whose store the client is here."""

LOG = logging.getLogger(__name__)
KILLS = int(os.environ.get("KILLS", "10"))
SEED = int(os.environ.get("SEED", "19"))
METRICS = 60_000
MANY = """
INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < :count)
SELECT 'many', n / 7.0, n, '1', n, 0 FROM n
"""
FILES = 60
LIMIT = 600.0

KINDS = ("sqlite", "postgres", "mariadb")
"""With artifacts on disk, in S3 and in Azurite."""


@pytest.fixture(scope="module")
def servers(
    postgres: PostgresServer,
    mariadb: MariadbServer,
    s3: S3Server,
    azure: AzureServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Servers:
    return Servers(postgres, mariadb, s3, azure, tmp_path_factory.mktemp("places"))


def killed(chance: random.Random, seconds: float, *command: str) -> float | None:
    """Run a command, which dies by SIGKILL at some moment; that moment, or None if it has ended well before."""
    moment = chance.uniform(0.05, 1) * seconds
    try:
        done = run(*command, limit=moment)
    except subprocess.TimeoutExpired:
        return moment
    assert done.returncode == 0, done.stderr + done.stdout
    return None


def finished(*command: str) -> float:
    """Run a command to its end; how many seconds it took."""
    begun = time.monotonic()
    done = run(*command, limit=LIMIT)
    assert done.returncode == 0, done.stderr + done.stdout
    return time.monotonic() - begun


def kills_of(chance: random.Random, seconds: float, left: int, *command: str) -> Iterator[float]:
    """Run a command until it has ended well, and kill it on the way, `left` times at most; each moment of a kill."""
    for _ in range(left):
        if (moment := killed(chance, seconds, *command)) is None:
            return
        yield moment
    finished(*command)


def as_its_client(patch: pytest.MonkeyPatch, place: Place) -> None:
    """Have what a client of the place's store needs."""
    for name, value in place.environment.items():
        patch.setenv(name, value)


def test_a_move_through_all_kinds_goes_on_after_each_kill(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    old = servers.place("sqlite")
    wanted, files = _filled(old)
    for kind in ("postgres", "mariadb", "sqlite"):
        # The first one is not killed, and tells how long it takes.
        seconds = finished(*_moving(old, servers.place(kind)))
        kills = 0
        while kills < KILLS:
            new = servers.place(kind)
            command = _moving(old, new)
            for moment in kills_of(chance, seconds, KILLS - kills, *command):
                kills += 1
                LOG.info("%s to %s, killed at %.1f of %.1f s: %s", old.name, new.name, moment, seconds, new.how_far())
            with monkeypatch.context() as patch:
                as_its_client(patch, new)
                assert new.files() == files
        old = new

    assert rows(old.database) == wanted


def _moving(old: Place, new: Place) -> list[str]:
    sides = ["--from", str(old.values), "--to", str(new.values)]
    return ["move", *sides, "--from-data", str(old.data), "--to-data", str(new.data), "--in-use"]


def _filled(place: Place) -> tuple[dict[str, list[tuple[object, ...]]], dict[str, int]]:
    """Fill all tables and a directory of artifacts; gives what is there."""
    migrate(databases_at(place.url), upgrade=True, report=print)
    fill(place.database)
    with open_engine(place.url).begin() as connection:
        connection.execute(text(MANY), {"count": METRICS})
    top = place.data / "artifacts"
    for number in range(FILES):
        file = top / str(number % 5) / f"{number} %41.bin"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(random.randbytes(number * 1_000))  # noqa: S311 - no secret
    return rows(place.database), place.files()


@pytest.mark.parametrize("kind", KINDS)
def test_a_collection_goes_on_after_each_kill(
    kind: str, servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    place = servers.place(kind)
    as_its_client(monkeypatch, place)
    migrate(databases_at(place.url), upgrade=True, report=print)
    world, command = World(place.url, tmp_path), ["gc", "-f", str(place.values), "--data", str(place.data)]
    made = iter(range(1_000))

    def write(experiment: str, run_id: str, count: int) -> None:
        put(f"{place.root}/{experiment}/{run_id}/artifacts", tmp_path / f"files-{next(made)}", count)

    kept = world.experiment()
    write(kept, world.run(kept), 3)
    before, files = world.rows(), place.files()

    def litter() -> None:
        _litter(world, write, kept)

    litter()
    seconds = finished(*command)
    kills = 0
    while kills < KILLS:
        litter()
        for moment in kills_of(chance, seconds, KILLS - kills, *command):
            kills += 1
            marks = world.scalars("SELECT COUNT(*) FROM flowship_removals")[0]
            left = len(place.files()) - len(files)
            LOG.info("gc of %s, killed at %.1f of %.1f s: %s marks, %s files left", kind, moment, seconds, marks, left)
        assert (world.rows(), place.files()) == (before, files)
        assert world.scalars("SELECT COUNT(*) FROM flowship_removals") == [0]


def test_an_export_and_an_import_with_s3_go_on_after_each_kill(
    servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    place = servers.place("postgres")
    as_its_client(monkeypatch, place)
    migrate(databases_at(place.url), upgrade=True, report=print)
    world = World(place.url, tmp_path)
    experiment = world.experiment()
    for number in range(5):
        put(f"{place.root}/{experiment}/{world.run(experiment)}/artifacts", tmp_path / f"files-{number}", 30)
    whole, made = len(place.files()), iter(range(1_000))

    def exporting(directory: Path) -> list[str]:
        return ["export", "-f", str(place.values), "--data", str(place.data), experiment, "--to", str(directory)]

    seconds = finished(*exporting(exported := tmp_path / "whole"))
    kills = 0
    while kills < KILLS:
        target = tmp_path / f"export-{next(made)}"
        for moment in kills_of(chance, seconds, KILLS - kills, *exporting(target)):
            kills += 1
            begun = target.with_name(f"{target.name}.unfinished")
            LOG.info("export killed at %.1f of %.1f s: %s", moment, seconds, f"{len(_files(begun))} files unfinished")
            assert not target.exists()
            refused = run("import", "-f", str(place.values), "--data", str(place.data), str(begun))
            assert (refused.returncode, "is no export" in refused.stderr) == (1, True)
        assert len(_files(target)) == len(_files(exported))

    def importing(new: Place) -> list[str]:
        return ["import", "-f", str(new.values), "--data", str(new.data), str(exported)]

    def empty() -> Place:
        new = servers.place("postgres")
        migrate(databases_at(new.url), upgrade=True, report=print)
        return new

    seconds = finished(*importing(empty()))
    kills = 0
    while kills < KILLS:
        there = World((new := empty()).url, tmp_path)
        for moment in kills_of(chance, seconds, KILLS - kills, *importing(new)):
            kills += 1
            runs = there.scalars("SELECT COUNT(*) FROM runs")[0]
            LOG.info("import killed at %.1f of %.1f s: %s runs, %s files", moment, seconds, runs, len(new.files()))
            assert runs == 0 or len(new.files()) == whole
        assert len(new.files()) == whole
        assert there.scalars("SELECT COUNT(*) FROM runs") == [5]


def _files(directory: Path) -> list[Path]:
    return [each for each in directory.rglob("*") if each.is_file()]


def _litter(world: World, write: Callable[[str, str, int], None], kept: str) -> None:
    """Leave an experiment, and runs in one that stays, which were deleted long ago."""
    gone = world.experiment()
    for experiment in (gone, gone, gone, kept, kept, kept):
        run_id = world.run(experiment)
        write(experiment, run_id, 20)
        world.store.delete_run(run_id)
    world.store.delete_experiment(gone)
    world.long_ago()
