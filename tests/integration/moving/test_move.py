"""Everything arrives as it was, through each kind of database, and after a move that was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database import sqlite
from flowship.database.drivers import MYSQL, PSYCOPG, PSYCOPG2
from flowship.database.migrating.migrate import migrate
from flowship.database.own_tables import settings_table, tokens_table, unfinished_move
from flowship.database.url import sqlite_url
from flowship.errors import MigrationError, MoveError
from flowship.moving.move import move
from flowship.moving.told import Told
from tests.databases import databases_at
from tests.effects import shows
from tests.integration.database.places import execute, scalar, url_of
from tests.integration.flowship import run, write_values
from tests.integration.moving import dying
from tests.integration.moving.rows import NUMBERS, fill, rows

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.database.database import Databases
    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer


def silent(_sentence: str) -> None:
    """What is reported to nobody."""


TOLD = Told(silent)

DEFINITIONS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT '', '', indexdef FROM pg_indexes WHERE schemaname = 'public'
"""


def files(directory: Path) -> Databases:
    """Both databases as files."""
    directory.mkdir()
    return databases_at(sqlite_url(directory / "mlflow.db"), sqlite_url(directory / "basic_auth.db"))


def definitions(databases: Databases) -> set[tuple[str, ...]]:
    """All constraints and indexes of the tracking database, if that is a PostgreSQL."""
    if databases.tracking.kind != "postgresql":
        return set()
    with databases.tracking.engine().connect() as connection:
        found = connection.exec_driver_sql(DEFINITIONS).all()
    return {tuple(map(str, row)) for row in found if unfinished_move.TABLE not in str(row)}


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """Files with rows in every table."""
    made = files(tmp_path_factory.mktemp("old") / "data")
    migrate(made, upgrade=True, report=silent)
    tokens_table.create(made.tracking.engine() if made.auth is None else made.auth.engine())
    settings_table.put(made.tracking.engine(), "flask-server-secret-key", "kept")
    settings_table.put(made.tracking.engine(), "backup.last", "not kept")
    for database in made:
        fill(database)
    return made


def test_everything_arrives_through_each_kind_of_database(
    old: Databases, tmp_path: Path, postgres: PostgresServer, mariadb: MariadbServer
) -> None:
    before = {database.part: rows(database) for database in old}
    users = url_of(postgres.fresh_database(), PSYCOPG)
    ways = [
        databases_at(url_of(postgres.fresh_database(), PSYCOPG2), users),
        databases_at(url_of(mariadb.fresh_database(), MYSQL), url_of(postgres.fresh_database(), PSYCOPG2)),
        databases_at(url := url_of(postgres.fresh_database(), PSYCOPG), url),
        files(tmp_path / "new"),
    ]
    here = old
    for there in ways:
        found = move(here, there, TOLD)
        assert found.differing == []
        assert found.left == []
        here = there

    assert {database.part: rows(database) for database in here} == before
    assert settings_table.names(here.tracking.engine()) == ["flask-server-secret-key"]
    assert unfinished_move.find(here.tracking.engine()) is None
    # The next number is a new one.
    execute(url, "INSERT INTO experiments (name, workspace) VALUES ('next', 'default')")
    assert (
        scalar(url, "SELECT experiment_id FROM experiments WHERE name = 'next'")
        == max(row[0] for row in before[old.tracking.part]["experiments"]) + 1
    )


@pytest.mark.parametrize("kind", [PSYCOPG2, MYSQL])
def test_a_move_that_was_killed_goes_on_where_it_was(
    old: Databases, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("mariadb" if kind == MYSQL else "postgres")
    new = databases_at(url_of(server.fresh_database(), kind))
    source = databases_at(old.tracking.url)
    migrate(new, upgrade=True, report=silent)
    keys = definitions(new)

    assert dying.run(source.tracking.url, new.tracking.url, kill_at=40) == "killed"
    begun = unfinished_move.find(new.tracking.engine())
    assert begun is not None
    with pytest.raises(MigrationError, match=r"has not finished.*run the same `flowship move` again"):
        migrate(new, upgrade=True, report=silent)
    elsewhere = files(tmp_path / "elsewhere")
    migrate(elsewhere, upgrade=True, report=silent)
    with pytest.raises(MoveError, match="whose move has not finished"):
        move(databases_at(elsewhere.tracking.url), new, TOLD)

    if kind == PSYCOPG2:
        assert dying.run(source.tracking.url, new.tracking.url, kill_at=41, of=dying.KEYS) == "killed"
        assert len(definitions(new)) < len(keys)

    found = move(source, new, TOLD)
    assert found.differing == []
    assert unfinished_move.find(new.tracking.engine()) is None
    assert definitions(new) >= keys


def test_what_somebody_uses_is_not_moved_into(old: Databases, tmp_path: Path) -> None:
    new = files(tmp_path / "used")
    migrate(new, upgrade=True, report=silent)
    execute(new.tracking.url, "INSERT INTO runs (run_uuid, experiment_id) VALUES ('a', 0)")

    with pytest.raises(MoveError, match=r"is not empty: there are rows in runs\. Everything is moved into an empty"):
        move(old, new, TOLD)


def test_what_the_new_side_cannot_hold_is_told_before_anything_is_written(
    tmp_path: Path, mariadb: MariadbServer, postgres: PostgresServer
) -> None:
    bad = files(tmp_path / "bad")
    migrate(bad, upgrade=True, report=silent)
    key, run = (
        "INSERT INTO params (key, value, run_uuid) VALUES",
        "INSERT INTO runs (run_uuid, experiment_id, name) VALUES",
    )
    execute(
        bad.tracking.url,
        "INSERT INTO experiments (experiment_id, name, workspace) VALUES (1, 'e', 'default')",
        f"{run} ('r', 1, '{'n' * 251}')",
        f"{key} ('Loss', '1', 'r')",
        f"{key} ('loss', '2', 'r')",
        f"{key} ('zero', CAST(x'610062' AS TEXT), 'r')",
        f"{key} ('lost', '3', 'nowhere')",
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('m', 9e999, 1, 'r', 'x', 0)",
    )
    source = databases_at(bad.tracking.url)

    def refused(url: object) -> str:
        new = databases_at(url)  # type: ignore[arg-type]
        with pytest.raises(MoveError) as caught:
            move(source, new, TOLD)
        assert scalar(new.tracking.url, "SELECT count(*) FROM runs") == 0
        return str(caught.value)

    by_mysql = refused(url_of(mariadb.fresh_database(), MYSQL))
    assert "runs.name of the row with run_uuid 'r' is longer than 250 characters (1 such rows)" in by_mysql
    assert "params.key: 'Loss' and 'loss' are one to" in by_mysql
    assert "metrics.value of the row with key 'm', " in by_mysql
    assert "is infinite" in by_mysql
    assert "metrics.step of the row with key 'm', " in by_mysql
    assert "is no integer" in by_mysql
    assert "of params refers to a row of runs that is not there" in by_mysql
    by_postgres = refused(url_of(postgres.fresh_database(), PSYCOPG2))
    assert "params.value of the row with key 'zero', run_uuid 'r' has a zero byte" in by_postgres
    assert "are one to" not in by_postgres


@shows("backendStore.fromSQLite")
def test_files_in_the_data_directory_move_into_the_server_that_the_values_name(
    old: Databases, tmp_path: Path, postgres: PostgresServer
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    sqlite.copy(old.tracking.file, data / "mlflow.db")
    database = postgres.fresh_database()
    section = {"postgres": database.section(), "fromSQLite": True}
    values = str(write_values(tmp_path / "values.yaml", {"backendStore": section}))

    first = run("migrate", "-f", values, "--data", str(data))
    assert first.returncode == 0, first.stderr
    assert "are the same there; the files in" in first.stderr
    new = databases_at(url_of(database, PSYCOPG2))
    assert scalar(new.tracking.url, "SELECT count(*) FROM runs") == NUMBERS

    execute(new.tracking.url, "DELETE FROM issues")
    again = run("migrate", "-f", values, "--data", str(data))
    assert again.returncode == 0, again.stderr
    assert "moving" not in again.stderr
    assert scalar(new.tracking.url, "SELECT count(*) FROM issues") == 0
