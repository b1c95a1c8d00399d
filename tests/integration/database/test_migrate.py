"""What `migrate` does to each kind of database in each state that it can be in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect

from flowship.checks.migration import outcomes
from flowship.database.drivers import MYSQL
from flowship.database.engine import open_engine
from flowship.database.migrating import search_indexes
from flowship.database.migrating.migrate import migrate
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.own_tables import settings_table
from flowship.database.part import Part
from flowship.errors import MigrationError
from tests.databases import databases_at, tracking_at
from tests.integration.database import migrating
from tests.integration.database.places import REVISION_OF_2_22_0, execute, make_old, scalar, url_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer

SERVERS = ["postgresql+psycopg2", MYSQL]
KINDS = ["sqlite", *SERVERS]  # psycopg 3 has its turn with the users
each_kind = pytest.mark.parametrize("kind", KINDS)


def standing(url: URL, part: Part = Part.TRACKING) -> Standing:
    return read_state(open_engine(url), part).standing


def revision(url: URL) -> object:
    return scalar(url, "SELECT version_num FROM alembic_version")


def quietly(url: URL, auth: URL | None = None, *, upgrade: bool = True) -> list[str]:
    """Migrate; what was reported."""
    said: list[str] = []
    migrate(databases_at(url, auth), upgrade=upgrade, report=said.append)
    return said


@each_kind
def test_an_empty_database_is_initialised_even_if_migration_is_off(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    said = quietly(url, upgrade=False)

    assert standing(url) is Standing.CURRENT
    assert [sentence.split(" ")[0] for sentence in said] == ["making", "MLflow's"]
    assert quietly(url, upgrade=False) == []


LOCKS = {
    "postgresql": "until the migration has ended, all requests wait that read or write ",
    "mysql": "requests wait for each of these tables while it is changed: ",
    "sqlite": "nothing else can write into the file until the migration has ended",
}
"""What others wait for, by kind of database."""


@each_kind
def test_an_old_database_is_upgraded_with_all_its_rows(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    make_old(url)
    search_indexes.keep(tracking_at(url), lambda sentence: None, wanted=True)  # must not be in the way
    which, how_long, locks, servers = (check.sentence for check in outcomes(tracking_at(url)))
    said = quietly(url)

    assert standing(url) is Standing.CURRENT
    assert f"from revision {REVISION_OF_2_22_0} to {Part.TRACKING.head}" in said[0]
    assert f"{Part.TRACKING.head} (" in which
    assert "the migration will take about 1 s: each less than 1 s." in how_long
    assert LOCKS[kind.partition("+")[0]] in locks
    assert kind == "sqlite" or servers.endswith(said[1])
    assert list(outcomes(tracking_at(url))) == []
    assert scalar(url, "SELECT name FROM experiments WHERE experiment_id = 7") == "churn"
    assert scalar(url, "SELECT name FROM registered_models") == "forecast"


@each_kind
def test_an_old_database_is_refused_with_the_command_if_migration_is_off(
    empty: Callable[[str], URL], kind: str
) -> None:
    url = empty(kind)
    make_old(url)

    with pytest.raises(MigrationError, match=r"databaseMigration is false\. Back it up, then run: flowship migrate -f"):
        quietly(url, upgrade=False)
    assert revision(url) == REVISION_OF_2_22_0


@pytest.mark.parametrize("kind", KINDS[:2])
def test_a_newer_database_is_refused_and_neither_is_touched(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    quietly(url)
    execute(url, "UPDATE alembic_version SET version_num = 'ffffffffffff'")
    auth = empty("sqlite").set(database=f"{empty('sqlite').database}.users")

    with pytest.raises(MigrationError, match=f"is at revision ffffffffffff, .* its own is {Part.TRACKING.head}"):
        quietly(url, auth)
    assert revision(url) == "ffffffffffff"
    assert inspect(open_engine(auth)).get_table_names() == []


@each_kind
def test_a_database_of_something_else_is_refused(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    execute(url, "CREATE TABLE invoices (id INTEGER)", "CREATE TABLE users (id INTEGER)")

    with pytest.raises(MigrationError, match=r"tables that are not MLflow's \(invoices, users\)"):
        quietly(url)
    assert sorted(inspect(open_engine(url)).get_table_names()) == ["invoices", "users"]


@each_kind
def test_ten_at_once_do_the_work_once(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    failed, output = migrating.run(url, upgrade=False, at_once=10)

    assert failed == 0, output
    assert output.count("making MLflow's tracking tables") == 1
    assert standing(url) is Standing.CURRENT


@pytest.mark.parametrize("kind", ["sqlite", "postgresql+psycopg2"])
@pytest.mark.parametrize("kill_at", [12])
def test_a_killed_upgrade_goes_on(empty: Callable[[str], URL], kind: str, kill_at: int) -> None:
    url = empty(kind)
    make_old(url)
    status, _ = migrating.run(url, kill_at=kill_at)
    assert status == -9
    assert standing(url) is Standing.OLDER

    quietly(url)

    assert standing(url) is Standing.CURRENT
    assert scalar(url, "SELECT name FROM experiments WHERE experiment_id = 7") == "churn"


@each_kind
@pytest.mark.parametrize("kill_at", [30])
def test_a_killed_initialisation_is_done_again_even_if_migration_is_off(
    empty: Callable[[str], URL], kind: str, kill_at: int
) -> None:
    url = empty(kind)
    status, _ = migrating.run(url, kill_at=kill_at)
    assert status == -9

    quietly(url, upgrade=False)

    assert standing(url) is Standing.CURRENT
    assert settings_table.get(open_engine(url), "migration.tracking") is None


def test_mysql_that_was_killed_before_its_first_change_goes_on(empty: Callable[[str], URL]) -> None:
    url = empty(MYSQL)
    make_old(url)
    assert migrating.run(url, kill_at=0)[0] == -9

    quietly(url)

    assert standing(url) is Standing.CURRENT


def test_mysql_that_was_killed_halfway_says_what_to_restore(mariadb: MariadbServer, tmp_path: Path) -> None:
    database = mariadb.fresh_database()
    url = url_of(database, MYSQL)
    make_old(url)
    mariadb.dump(database, tmp_path / "backup.sql")
    assert migrating.run(url, kill_at=3)[0] == -9
    interrupted = revision(url)

    with pytest.raises(MigrationError) as caught:
        quietly(url)
    message = str(caught.value)
    assert f"from revision {REVISION_OF_2_22_0} to {Part.TRACKING.head}, begun at 20" in message
    assert f"was interrupted at revision {interrupted}" in message
    assert "Restore the backup of this database from before that time, whole, then run `flowship migrate`" in message

    # A dump restored over the rest leaves the tables that came later, and the note.
    mariadb.load(database, tmp_path / "backup.sql")
    for table in set(inspect(open_engine(url)).get_table_names()) - dumped_tables(tmp_path / "backup.sql"):
        if table != settings_table.NAME:
            execute(url, "SET foreign_key_checks = 0", f"DROP TABLE `{table}`")
    quietly(url)

    assert standing(url) is Standing.CURRENT


def dumped_tables(dump: Path) -> set[str]:
    return {line.split("`")[1] for line in dump.read_text().splitlines() if line.startswith("CREATE TABLE `")}


def test_postgres_users_without_rights_are_told_what_to_grant(postgres: PostgresServer) -> None:
    database = postgres.fresh_database()
    postgres.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC", database.name)
    postgres.execute(f'ALTER SCHEMA public OWNER TO postgres; ALTER DATABASE "{database.name}" OWNER TO postgres')
    postgres.execute(f'GRANT CONNECT ON DATABASE "{database.name}" TO "{database.user}"')
    postgres.execute(f'GRANT USAGE ON SCHEMA public TO "{database.user}"', database.name)
    for driver in ("postgresql+psycopg2", "postgresql+psycopg"):
        with pytest.raises(MigrationError, match=f'GRANT USAGE, CREATE ON SCHEMA public TO "{database.user}"'):
            quietly(url_of(database, driver))

    postgres.execute(f'GRANT USAGE, CREATE ON SCHEMA public TO "{database.user}"', database.name)
    quietly(url_of(database, "postgresql+psycopg2"))


def test_postgres_tables_of_another_role_are_not_half_changed(postgres: PostgresServer) -> None:
    database = postgres.fresh_database()
    url = url_of(database, "postgresql+psycopg2")
    make_old(url)
    postgres.execute("ALTER TABLE runs OWNER TO postgres", database.name)

    with pytest.raises(MigrationError, match=r"may not change the schema .*; the server says: .* table runs"):
        quietly(url)
    assert revision(url) == REVISION_OF_2_22_0


@pytest.mark.parametrize("missing", ["CREATE", "ALTER", "TRIGGER", "INDEX"])
def test_mysql_users_without_a_right_are_told_before_anything_is_changed(mariadb: MariadbServer, missing: str) -> None:
    database = mariadb.fresh_database()
    url = url_of(database, MYSQL)
    mariadb.execute(f"REVOKE {missing} ON `{database.name.replace('_', chr(92) + '_')}`.* FROM '{database.user}'@'%'")

    with pytest.raises(MigrationError, match=f"may not change .*; the server says: {missing} command denied"):
        quietly(url)
    assert set(mariadb_tables(mariadb, database.name)) <= {"flowship_probe"}


def mariadb_tables(mariadb: MariadbServer, name: str) -> list[str]:
    return [table for (table,) in mariadb.execute("SHOW TABLES", name=name)]
