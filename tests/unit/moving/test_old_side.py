from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.part import Part
from flowship.database.url import sqlite_url
from flowship.errors import MoveError
from flowship.moving.artifacts import artifacts
from flowship.moving.move import move
from flowship.moving.old_side import copied, databases
from flowship.moving.told import Told
from flowship.values.model.root import Values
from tests.databases import databases_at

if TYPE_CHECKING:
    from pathlib import Path

POSTGRES = {"backendStore": {"postgres": {"enabled": True, "host": "db", "database": "d", "user": "u"}}}


def values(**root: object) -> Values:
    return Values.model_validate({**POSTGRES, **root})


def test_without_values_the_old_side_is_the_files_in_the_directory(tmp_path: Path) -> None:
    new = values(auth={"enabled": True, "adminUsername": "admin", "adminPassword": "correct horse"})
    assert [each.part for each in databases(None, new, tmp_path)] == [Part.TRACKING]

    (tmp_path / "basic_auth.db").touch()
    tracking, users = databases(None, new, tmp_path)
    assert (tracking.file, users.file) == (tmp_path / "mlflow.db", tmp_path / "basic_auth.db")


def test_only_files_are_copied(tmp_path: Path) -> None:
    with pytest.raises(
        MoveError, match=r"--from-copy copies SQLite files, and backendStore\.postgres .* is a server's"
    ):
        copied(databases(values(), values(), tmp_path), tmp_path, print)


def test_a_directory_without_a_database_is_refused(tmp_path: Path) -> None:
    old, new = (databases_at(sqlite_url(tmp_path / name / "mlflow.db")) for name in ("old", "new"))
    with pytest.raises(MoveError, match=r"is not there\. Write the directory that keeps it: --from-data DIR\.$"):
        move(old, new, Told(print))
    with pytest.raises(MoveError, match=r"are one database\. Name another one in --to\.$"):
        move(old, old, Told(print))


def test_artifacts_stay_where_both_sides_keep_them(tmp_path: Path) -> None:
    place = (tmp_path / "artifacts").as_uri()
    assert artifacts(None, (values(), tmp_path), place).stay
    assert artifacts(None, (values(), tmp_path), None).stay
    assert not artifacts(None, (values(), tmp_path / "other"), place).stay


def test_addresses_lead_to_the_new_place_or_behind_the_server(tmp_path: Path) -> None:
    s3 = {"s3": {"enabled": True, "bucket": "b"}}
    hidden = values(artifactRoot={**s3, "proxiedArtifactStorage": True})
    direct = values(artifactRoot={**s3, "proxiedArtifactStorage": False})
    old = (values(), tmp_path)
    assert artifacts(old, (hidden, tmp_path), None).addresses.new == "mlflow-artifacts:"
    assert artifacts(old, (direct, tmp_path), None).addresses.new == "s3://b"
    with pytest.raises(MoveError, match="keeps artifacts at two places, s3://b and, of older experiments, s3://older;"):
        artifacts((direct, tmp_path), old, "s3://older")
