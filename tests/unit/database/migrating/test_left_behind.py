"""A file with runs or users is not forgotten for an empty server; SQLite stands for the server here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import URL, text

from flowship.database.database import Database, Databases
from flowship.database.engine import open_engine
from flowship.database.migrating import left_behind
from flowship.database.part import Part
from flowship.database.url import sqlite_url
from flowship.errors import DatabaseError
from flowship.values.model.root import Values
from tests.databases import tracking_at
from tests.effects import shows

if TYPE_CHECKING:
    from pathlib import Path


def fill(file: Path, **rows: list[str]) -> URL:
    """A database with these tables, and in each a row for each name."""
    url = sqlite_url(file)
    with open_engine(url).begin() as connection:
        for table, names in rows.items():
            connection.execute(text(f"CREATE TABLE {table} (username TEXT)"))
            for name in names:
                connection.execute(text(f"INSERT INTO {table} VALUES (:name)"), {"name": name})  # noqa: S608
    return url


@pytest.fixture(autouse=True)
def a_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of all files, only those in the data directory are the files of before."""
    own = property(lambda database: database.url.database.startswith(str(tmp_path / "data")))
    monkeypatch.setattr(Database, "is_file", own)
    (tmp_path / "data").mkdir()


def served(tracking: URL, auth: URL | None = None) -> Databases:
    users = Database(Part.AUTH, auth, "auth.postgres") if auth is not None else None
    return Databases(tracking_at(tracking, "backendStore.postgres"), users)


def refused(tmp_path: Path, tracking: URL, auth: URL | None = None, **sections: Any) -> str:
    values = Values.model_validate(
        {
            "backendStore": {"postgres": {"enabled": True}, **sections},
            "auth": {"enabled": True, "adminUsername": "admin", "postgres": {"enabled": True}},
        }
    )
    with pytest.raises(DatabaseError) as caught:
        left_behind.refuse_silent_loss(served(tracking, auth), values, tmp_path / "data")
    return str(caught.value)


def test_runs_are_not_left_behind_without_a_word(tmp_path: Path) -> None:
    file = tmp_path / "data" / "mlflow.db"
    fill(file, experiments=["0", "1"], runs=["a", "b", "c"], registered_models=["m"])
    server = fill(tmp_path / "server.db", experiments=["0"], runs=[])

    assert refused(tmp_path, server) == (
        f"{file} holds 2 experiments, 3 runs and 1 registered models, and the database that backendStore.postgres names"
        " holds none: the server would start without them. To carry the content over, set"
        f" backendStore.fromSQLite to true, or run: flowship move --to FILE --from-data {file.parent}. To go on with"
        " the file, do not enable backendStore.postgres. To begin anew, move the file away, or write it into"
        f" backendStore.leaveBehind: [{file}]."
    )


def test_users_are_not_left_behind_without_a_word(tmp_path: Path) -> None:
    fill(tmp_path / "data" / "basic_auth.db", users=["admin", "ann", "ben"])
    server = fill(tmp_path / "server.db", users=["admin"])

    assert "basic_auth.db holds 2 users beside the admin, and the database that auth.postgres names" in refused(
        tmp_path, server, server
    )


@shows("backendStore.leaveBehind")
@pytest.mark.parametrize("name", ["mlflow.db", "{data}/mlflow.db"])
def test_a_file_that_is_given_up_is_named(tmp_path: Path, name: str) -> None:
    fill(tmp_path / "data" / "mlflow.db", runs=["a"])
    server = fill(tmp_path / "server.db")
    given_up = [name.format(data=tmp_path / "data")]
    values = Values.model_validate({"backendStore": {"postgres": {"enabled": True}, "leaveBehind": given_up}})

    left_behind.refuse_silent_loss(served(server), values, tmp_path / "data")
    assert not left_behind.found(served(server), values, tmp_path / "data")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"experiments": ["0"], "runs": []}, {}),  # nothing but the default experiment
        ({"runs": ["a"]}, {"runs": ["b"]}),  # moved long ago
        ({}, {}),
    ],
)
def test_nothing_is_lost(tmp_path: Path, before: dict[str, list[str]], now: dict[str, list[str]]) -> None:
    fill(tmp_path / "data" / "mlflow.db", **before)
    server = fill(tmp_path / "server.db", **now)
    values = Values.model_validate({"backendStore": {"postgres": {"enabled": True}}})

    left_behind.refuse_silent_loss(served(server), values, tmp_path / "data")
