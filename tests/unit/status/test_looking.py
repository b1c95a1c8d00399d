from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import URL, create_engine, text

from flowship.database.database import Database
from flowship.database.part import Part
from flowship.status.looking import look, look_at_artifacts

if TYPE_CHECKING:
    from pathlib import Path


def database(file: Path) -> Database:
    return Database(Part.TRACKING, URL.create("sqlite", database=str(file)), "backendStore")


def test_a_database_that_is_not_made_yet_is_wrong(tmp_path: Path) -> None:
    status = look([database(tmp_path / "mlflow.db")], None, "none")

    (report,) = status.databases
    assert report.wrong == (
        f"backendStore (sqlite:///{tmp_path}/mlflow.db) is not there. Start the server, which makes it."
    )
    assert not status.healthy
    assert not (tmp_path / "mlflow.db").exists()


def test_a_database_of_something_else_is_told(tmp_path: Path) -> None:
    found = database(tmp_path / "other.db")
    engine = create_engine(found.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE songs (name TEXT)"))
    engine.dispose()

    (report,) = look([found], None, "none").databases

    assert report.wrong is not None
    assert "holds tables that are not MLflow's" in report.wrong
    assert report.size == found.file.stat().st_size


def test_a_directory_tells_what_is_free_also_before_it_is_made(tmp_path: Path) -> None:
    report = look_at_artifacts((tmp_path / "later" / "artifacts").as_uri(), True)

    assert report.free is not None
    assert report.size is not None
    assert 0 < report.free <= report.size


def test_an_object_store_does_not_tell_what_is_free() -> None:
    report = look_at_artifacts("s3://bucket/path", False)

    assert (report.free, report.size, report.wrong) == (None, None, None)
