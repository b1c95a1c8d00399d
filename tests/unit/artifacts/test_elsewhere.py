from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, make_url, text

from flowship.artifacts.elsewhere import sentence
from flowship.artifacts.places import Allowed
from tests.databases import tracking_at
from tests.unit.in_mlflow import in_mlflow

if TYPE_CHECKING:
    from pathlib import Path

ROOT = Allowed(("mlflow-artifacts:/",), ("s3://shared/",))


def database(directory: Path, *statements: str) -> str:
    url = f"sqlite:///{directory / 'mlflow.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (
            "CREATE TABLE experiments (experiment_id INTEGER, artifact_location TEXT)",
            "CREATE TABLE model_versions (name TEXT, version INTEGER, source TEXT)",
            "CREATE TABLE trace_tags (request_id TEXT, key TEXT, value TEXT)",
            *statements,
        ):
            connection.execute(text(statement))
    engine.dispose()
    return url


def test_what_lies_under_the_root_is_not_told(tmp_path: Path) -> None:
    url = database(
        tmp_path,
        "INSERT INTO experiments VALUES (1, 'mlflow-artifacts:/1'), (2, 's3://shared/2'), (3, NULL)",
        "INSERT INTO model_versions VALUES ('m', 1, 'models:/m-1'), ('m', 2, 'runs:/x/y'), ('p', 1, 'dummy-source')",
        "INSERT INTO trace_tags VALUES ('tr', 'mlflow.artifactLocation', 'mlflow-artifacts:/1/traces/tr/artifacts')",
        "INSERT INTO trace_tags VALUES ('tr', 'mine', 's3://elsewhere')",
    )

    assert sentence(tracking_at(make_url(url)), ROOT) is None


def test_what_lies_elsewhere_is_named(tmp_path: Path) -> None:
    url = database(
        tmp_path,
        "INSERT INTO experiments VALUES (1, 's3://old/1'), (2, 'mlflow-artifacts:/../x')",
        "INSERT INTO model_versions VALUES ('m', 3, 's3://backups')",
        "INSERT INTO trace_tags VALUES ('tr-1', 'mlflow.trace.archiveLocation', 'file:///etc')",
    )

    assert sentence(tracking_at(make_url(url)), ROOT) == (
        "experiment 1 at s3://old/1; experiment 2 at mlflow-artifacts:/../x; model version m 3 at s3://backups; trace "
        "tr-1 at file:///etc: outside of artifactRoot and artifactRoot.allowedLocations; whoever may read these makes "
        "the server read there. Look whether each is meant"
    )


def test_many_are_counted(tmp_path: Path) -> None:
    url = database(
        tmp_path, "INSERT INTO experiments VALUES (%)".replace("%", "), (".join(f"{n}, 's3://old'" for n in range(9)))
    )

    assert "; experiment 4 at s3://old and 4 more: outside of" in str(sentence(tracking_at(make_url(url)), ROOT))


@pytest.mark.parametrize("file", ["missing.db", "empty.db"])
def test_a_database_that_is_not_made_yet_is_left_alone(tmp_path: Path, file: str) -> None:
    (tmp_path / "empty.db").touch()

    assert sentence(tracking_at(make_url(f"sqlite:///{tmp_path / file}")), ROOT) is None
    assert [path.name for path in tmp_path.iterdir()] == ["empty.db"]


def test_mlflow_keeps_places_in_these_columns() -> None:
    printed = in_mlflow(
        "from flowship.artifacts.elsewhere import _PLACEHOLDERS, _TABLES, _TRACE_TAGS;"
        "from mlflow.store.db.base_sql_model import Base; from mlflow.prompt import constants;"
        "import mlflow.store.tracking.dbmodels.models, mlflow.store.model_registry.dbmodels.models;"
        "from flowship.mlflow_seams.artifacts.places import _place_tags;"
        "print(all({*names, address} <= set(Base.metadata.tables[table].c.keys())"
        " for table, (_, names, address) in _TABLES.items()), set(_TRACE_TAGS) < _place_tags(),"
        " constants._PROMPT_SOURCE_PLACEHOLDERS == _PLACEHOLDERS)"
    )

    assert printed == "True True True"


def test_a_table_of_another_program_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE experiments (title TEXT)"))
    engine.dispose()

    assert sentence(tracking_at(make_url(f"sqlite:///{file}")), ROOT) is None
