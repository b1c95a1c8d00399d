"""The auth database: its own, MLflow 2.22.0's, and one that it shares with the tracking tables."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flowship.database import volume
from flowship.database.engine import open_engine
from flowship.database.from_values import databases
from flowship.database.migrating.migrate import migrate
from flowship.database.migrating.revision import Standing, read_state
from flowship.database.part import Part
from flowship.database.sqlite import adopt_old_file, set_journal
from flowship.database.url import sqlite_file, sqlite_url
from flowship.errors import DatabaseError, MigrationError
from flowship.mlflow_seams.database import schema as mlflow_schema
from flowship.values.model.root import Values
from tests.databases import databases_at
from tests.integration.database.places import AUTH_REVISION_OF_2_22_0, execute, make_old, make_old_users, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

KINDS = ["sqlite", "postgresql+psycopg2", "postgresql+psycopg"]
each_kind = pytest.mark.parametrize("kind", KINDS)


def standings(url: URL) -> list[Standing]:
    return [read_state(open_engine(url), part).standing for part in Part]


def run(tracking: URL, auth: URL, *, upgrade: bool = True) -> list[str]:
    said: list[str] = []
    migrate(databases_at(tracking, auth), upgrade=upgrade, report=said.append)
    return said


def other_file(url: URL, name: str) -> URL:
    return sqlite_url(sqlite_file(url).with_name(name))


@each_kind
def test_runs_and_users_share_an_empty_database(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    run(url, url, upgrade=False)

    assert standings(url) == [Standing.CURRENT, Standing.CURRENT]
    assert run(url, url, upgrade=False) == []


@each_kind
def test_users_move_in_with_the_runs_of_2_22_0(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    make_old(url)
    run(url, url)

    assert standings(url) == [Standing.CURRENT, Standing.CURRENT]
    assert scalar(url, "SELECT name FROM experiments WHERE experiment_id = 7") == "churn"


@each_kind
def test_runs_move_in_with_the_users_of_2_22_0(empty: Callable[[str], URL], kind: str) -> None:
    url = empty(kind)
    make_old_users(url)
    run(url, url)

    assert standings(url) == [Standing.CURRENT, Standing.CURRENT]
    assert scalar(url, "SELECT username FROM users") == "ada"


@each_kind
def test_users_and_permissions_of_2_22_0_are_carried_over(
    empty: Callable[[str], URL], kind: str, tmp_path: Path
) -> None:
    auth, tracking = empty(kind), sqlite_url(tmp_path / "tracking.db")
    make_old_users(auth)
    run(tracking, auth)

    assert read_state(open_engine(auth), Part.AUTH).standing is Standing.CURRENT
    assert scalar(auth, "SELECT username FROM users") == "ada"
    assert scalar(auth, "SELECT count(*) FROM role_permissions WHERE resource_pattern = '7'") == 1


@pytest.mark.parametrize("kind", KINDS[:2])
def test_old_users_are_refused_if_migration_is_off(empty: Callable[[str], URL], kind: str, tmp_path: Path) -> None:
    auth, tracking = empty(kind), sqlite_url(tmp_path / "tracking.db")
    make_old_users(auth)

    with pytest.raises(MigrationError, match=rf"^auth\..* is at revision {AUTH_REVISION_OF_2_22_0}, older than"):
        run(tracking, auth, upgrade=False)
    assert scalar(auth, "SELECT version_num FROM alembic_version") == AUTH_REVISION_OF_2_22_0


def test_another_programs_users_are_not_taken_for_mlflows(empty: Callable[[str], URL], tmp_path: Path) -> None:
    auth = empty("sqlite")
    execute(auth, "CREATE TABLE users (id INTEGER)")

    with pytest.raises(MigrationError, match=r"^auth\.sqliteFile .*tables that are not MLflow's \(users\)"):
        run(sqlite_url(tmp_path / "tracking.db"), auth)


def test_before_a_file_is_changed_a_copy_is_kept(empty: Callable[[str], URL], tmp_path: Path) -> None:
    url, auth = empty("sqlite"), sqlite_url(tmp_path / "users.db")
    make_old(url)
    make_old_users(auth)
    said = run(url, auth)

    for place, revision in ((url, "0584bdc529eb"), (auth, AUTH_REVISION_OF_2_22_0)):
        kept = sqlite_file(place).with_name(f"{sqlite_file(place).name}.before-{revision}")
        assert kept.stat().st_mode & 0o777 == 0o600
        assert scalar(sqlite_url(kept), "SELECT version_num FROM alembic_version") == revision
        assert sum(str(kept) in sentence for sentence in said) == 1


def test_no_copy_is_kept_of_what_is_new_or_current(empty: Callable[[str], URL], tmp_path: Path) -> None:
    run(empty("sqlite"), sqlite_url(tmp_path / "users.db"))
    run(empty("sqlite"), sqlite_url(tmp_path / "users.db"))

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"mlflow.db", "mlflow.db.lock", "users.db", "users.db.lock"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_the_journal_is_chosen_at_each_start(empty: Callable[[str], URL], tmp_path: Path) -> None:
    auth = sqlite_url(tmp_path / "users.db")
    run(empty("sqlite"), auth)
    set_journal(tmp_path / "mlflow.db", wal=False)
    run(empty("sqlite"), auth)

    assert _journal(tmp_path / "mlflow.db") == "wal"


def test_on_a_volume_that_machines_share_there_is_no_write_ahead_log(
    empty: Callable[[str], URL], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty("sqlite")
    run(url, url)
    assert _journal(sqlite_file(url)) == "wal"  # as it was before it was moved to such a volume
    mounts = tmp_path / "mountinfo"
    mounts.write_text("36 35 0:40 / / rw,relatime - nfs4 server:/export rw\n")
    monkeypatch.setattr(volume, "MOUNTS", mounts)

    said = run(url, url)

    assert _journal(sqlite_file(url)) == "delete"
    assert said[0].endswith("has no write-ahead log, which a volume of the kind nfs4 cannot keep safe")


def _journal(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_file_that_is_no_database_is_refused_as_it_is(empty: Callable[[str], URL], tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("no database " * 1000)

    with pytest.raises(DatabaseError, match=r"mlflow\.db is not a sound SQLite database"):
        run(empty("sqlite"), sqlite_url(tmp_path / "users.db"))
    assert (tmp_path / "mlflow.db").read_text() == "no database " * 1000


def test_a_directory_may_have_any_name_and_no_other_is_made(tmp_path: Path) -> None:
    data = tmp_path / "josé 100% [x]?#&=+'\""
    found = databases(Values.model_validate({"auth": {"enabled": True}}), data)
    migrate(found, upgrade=True, report=lambda _: None)

    assert standings(found.tracking.url)[0] is Standing.CURRENT
    assert [path.name for path in tmp_path.iterdir()] == [data.name]


def test_the_file_that_the_old_chart_misplaced_is_adopted_whole(tmp_path: Path) -> None:
    """From the values of 0.16.5 to users that MLflow reads."""
    volume, data = tmp_path / "volumes", tmp_path / "data"
    volume.mkdir()
    misplaced = volume / "authbasic_auth.db"
    make_old_users(sqlite_url(misplaced))
    before = misplaced.read_bytes()
    values = Values.model_validate({"auth": {"enabled": True, "sqliteFullPath": str(volume / "auth")}})

    for _ in range(2):
        said: list[str] = []
        adopted = adopt_old_file(values, data, said.append)
        found = databases(values, data)
        migrate(found, upgrade=True, report=said.append)
        if adopted:
            assert adopted == misplaced
            assert str(misplaced) in said[0]
        else:
            assert said == []

    assert misplaced.read_bytes() == before
    auth = found.auth
    assert auth is not None
    assert auth.file == volume / "auth" / "basic_auth.db"
    assert scalar(auth.url, "SELECT username FROM users") == "ada"
    assert read_state(auth.engine(), Part.AUTH).standing is Standing.CURRENT


@each_kind
def test_permissions_on_prompts_follow_them_and_who_was_locked_out_stays_so(
    empty: Callable[[str], URL], kind: str, tmp_path: Path
) -> None:
    tracking, auth = sqlite_url(tmp_path / "tracking.db"), empty(kind)
    make_old(tracking)
    make_old_users(auth)
    execute(
        tracking,
        "INSERT INTO registered_models (name) VALUES ('greeting')",
        "INSERT INTO registered_model_tags (name, key, value) VALUES ('greeting', 'mlflow.prompt.is_prompt', 'true')",
    )
    execute(
        auth,
        "INSERT INTO registered_model_permissions (id, name, user_id, permission) VALUES (1, 'greeting', 1, 'EDIT')",
        "INSERT INTO registered_model_permissions (id, name, user_id, permission) VALUES (2, 'forecast', 1, 'EDIT')",
        "INSERT INTO experiment_permissions (id, experiment_id, user_id, permission)"
        " VALUES (2, '8', 1, 'NO_PERMISSIONS')",
    )
    said = run(tracking, auth)

    def kind_of(name: str) -> object:
        return scalar(auth, f"SELECT resource_type FROM role_permissions WHERE resource_pattern = '{name}'")  # noqa: S608

    assert (kind_of("greeting"), kind_of("forecast")) == ("prompt", "registered_model")
    assert scalar(auth, "SELECT permission FROM role_permissions WHERE resource_pattern = '8'") == "DENY"
    assert "users stay locked out of 1 resources, by DENY instead of NO_PERMISSIONS" in said


@each_kind
def test_a_migration_that_was_cut_short_between_the_two_steps_still_locks_them_out(
    empty: Callable[[str], URL], kind: str, tmp_path: Path
) -> None:
    tracking, auth = sqlite_url(tmp_path / "tracking.db"), empty(kind)
    make_old_users(auth)
    execute(
        auth,
        "INSERT INTO experiment_permissions (id, experiment_id, user_id, permission)"
        " VALUES (2, '8', 1, 'NO_PERMISSIONS')",
    )
    mlflow_schema.upgrade_auth(open_engine(auth), mlflow_schema.PERMISSIONS_TO_ROLES)

    run(tracking, auth)

    assert scalar(auth, "SELECT permission FROM role_permissions WHERE resource_pattern = '8'") == "DENY"
    assert read_state(open_engine(auth), Part.AUTH).standing is Standing.CURRENT
