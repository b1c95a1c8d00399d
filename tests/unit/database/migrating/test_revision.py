from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from flowship.database.engine import open_engine
from flowship.database.migrating.revision import Standing, State, read_state
from flowship.database.part import Part
from flowship.database.url import sqlite_url

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Reader = Callable[..., State]

AUTH_OF_2_22_0 = ("users", "experiment_permissions", "registered_model_permissions")
FIRST = ("experiments", "runs", "tags", "metrics", "params")
OLD_TRACKING, OLD_AUTH = "0584bdc529eb", "8606fa83a998"


@pytest.fixture
def state(tmp_path: Path) -> Reader:
    """Reads the state of one part in a database of these tables, version tables and rows."""

    def read(part: Part, *tables: str, rows: tuple[str, ...] = (), **versions: str) -> State:
        file = tmp_path / "mlflow.db"
        with closing(sqlite3.connect(file)) as connection, connection:
            for table in tables:
                connection.execute(f"CREATE TABLE {table} (id INTEGER)")
            for table in rows:
                connection.execute(f"INSERT INTO {table} VALUES (1)")  # noqa: S608 - our own names
            for table, revision in versions.items():
                connection.execute(f"CREATE TABLE {table} (version_num TEXT)")
                if revision:
                    connection.execute(f"INSERT INTO {table} VALUES (?)", (revision,))  # noqa: S608
        return read_state(open_engine(sqlite_url(file)), part)

    return read


@pytest.mark.parametrize("part", Part)
def test_no_tables_are_an_empty_database(state: Reader, part: Part) -> None:
    assert state(part) == State(part, Standing.EMPTY, part.head)


@pytest.mark.parametrize("part", Part)
def test_tables_of_flowship_and_alembic_do_not_count(state: Reader, part: Part) -> None:
    found = state(part, "flowship_settings", "flowship_probe", alembic_version="", alembic_version_auth="")

    assert found.standing is Standing.EMPTY


def test_a_known_revision_is_older_and_the_last_one_current(state: Reader) -> None:
    assert state(Part.TRACKING, *FIRST, alembic_version=OLD_TRACKING).standing is Standing.OLDER


def test_the_last_revision_is_current(state: Reader) -> None:
    found = state(Part.TRACKING, *FIRST, "flowship_settings", rows=("experiments",), alembic_version=Part.TRACKING.head)

    assert (found.standing, found.used) == (Standing.CURRENT, True)


@pytest.mark.parametrize(
    ("part", "tables", "version_table"),
    [(Part.TRACKING, FIRST, "alembic_version"), (Part.AUTH, AUTH_OF_2_22_0, "alembic_version_auth")],
)
def test_an_unknown_revision_is_newer(state: Reader, part: Part, tables: tuple[str, ...], version_table: str) -> None:
    found = state(part, *tables, **{version_table: "ffffffffffff"})

    assert (found.standing, found.revision) == (Standing.NEWER, "ffffffffffff")


def test_alembics_table_of_another_program_is_foreign(state: Reader) -> None:
    found = state(Part.TRACKING, "invoices", alembic_version="ffffffffffff")

    assert (found.standing, found.strangers) == (Standing.FOREIGN, ("invoices",))


@pytest.mark.parametrize("part", Part)
def test_tables_of_another_program_are_foreign(state: Reader, part: Part) -> None:
    found = state(part, "invoices", "customers", "users")

    assert (found.standing, found.strangers) == (Standing.FOREIGN, ("customers", "invoices", "users"))


def test_a_users_table_alone_is_not_mlflows(state: Reader) -> None:
    assert state(Part.AUTH, "users").standing is Standing.FOREIGN


def test_users_of_2_22_0_are_older(state: Reader) -> None:
    found = state(Part.AUTH, *AUTH_OF_2_22_0, rows=("users",), alembic_version=OLD_AUTH)

    assert found == State(Part.AUTH, Standing.OLDER, Part.AUTH.head, OLD_AUTH, used=True)


def test_runs_may_move_in_with_the_users_of_2_22_0(state: Reader) -> None:
    found = state(Part.TRACKING, *AUTH_OF_2_22_0, alembic_version=OLD_AUTH)

    assert (found.standing, found.revision, found.stale_auth_revision) == (Standing.EMPTY, None, True)


def test_users_may_move_in_with_runs(state: Reader) -> None:
    found = state(Part.AUTH, *FIRST, "registered_models", alembic_version=OLD_TRACKING)

    assert (found.standing, found.revision) == (Standing.EMPTY, None)


def test_an_initialisation_that_was_cut_short_is_empty(state: Reader) -> None:
    assert state(Part.TRACKING, "experiments", "runs").standing is Standing.EMPTY


def test_tables_without_a_revision_that_hold_something_are_old(state: Reader) -> None:
    found = state(Part.TRACKING, *FIRST, rows=("experiments",))

    assert (found.standing, found.revision) == (Standing.OLDER, None)
