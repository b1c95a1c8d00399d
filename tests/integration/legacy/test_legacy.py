"""The data that MLflow 2.22.0 made holds what the tests of carrying over rely on, and each copy of it is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy

from tests.integration.legacy.verify import compare
from tests.integration.servers.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.legacy.data import Kind, LegacyData

KINDS = ("sqlite", "postgres", "mariadb")
DRIVERS = {"postgres": "postgresql+psycopg2", "mariadb": "mysql+pymysql"}

# The last revisions of MLflow 2.22.0.
TRACKING_REVISION = "0584bdc529eb"
AUTH_REVISION = "8606fa83a998"


def read(kind: Kind, database: Database | Path, query: str) -> list[Any]:
    if isinstance(database, Database):
        url = sqlalchemy.URL.create(
            DRIVERS[kind], database.user, database.password, database.host, database.port, database.name
        )
    else:
        url = sqlalchemy.URL.create("sqlite", database=str(database))
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(sqlalchemy.text(query)).scalars())
    finally:
        engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_has_the_revisions_users_and_artifacts_of_2_22_0(
    kind: Kind, legacy: Callable[[Kind], LegacyData], tmp_path: Path
) -> None:
    copy = legacy(kind).copy_to(tmp_path / "copy")

    assert read(kind, copy.database, "SELECT version_num FROM alembic_version") == [TRACKING_REVISION]
    assert read(kind, copy.auth_database, "SELECT version_num FROM alembic_version") == [AUTH_REVISION]
    assert read(kind, copy.auth_database, "SELECT username FROM users ORDER BY username") == sorted(copy.users)
    assert (copy.artifacts / "1").is_dir()


@pytest.mark.parametrize("kind", KINDS)
def test_the_manifest_names_one_of_everything(kind: Kind, legacy: Callable[[Kind], LegacyData]) -> None:
    manifest = json.loads(legacy(kind).manifest.read_text())

    runs = manifest["runs"].values()
    first = next(run for run in runs if run["run_name"] == "first try")
    assert {run["status"] for run in runs} == {"FINISHED", "FAILED", "KILLED", "RUNNING"}
    assert {run["lifecycle_stage"] for run in runs} == {"active", "deleted"}
    assert len(first["histories"]["loss"]) == 40
    assert [point[2] for point in first["histories"]["mixed"]][:2] == ["1.0", "nan"]
    assert first["artifacts"].keys() >= {"ünïcödé.txt", "settings/with space.txt", "folder/data/deep/er/still.bin"}
    assert [dataset["name"] for dataset in first["datasets"]] == ["wine"]
    assert manifest["models"]["forecast"]["aliases"] == {"champion": "1", "challenger": "2"}
    assert manifest["models"]["forecast"]["versions"]["1"]["current_stage"] == "Production"
    assert [len(trace["spans"]) for trace in manifest["traces"].values()] == [2]
    assert manifest["predictions"] == [3.0, 42.0]
    assert manifest["prompts"]["2"]["template"].startswith("Hello {{name}}, in")
    assert manifest["users"]["grace"]["sees"]["experiment payroll"] == "PERMISSION_DENIED"


def test_a_comparison_finds_what_is_missing_and_what_is_otherwise() -> None:
    before = {"runs": {"1": {"status": "FINISHED", "tags": {"a": "1", "b": "2"}}}}
    now = {"runs": {"1": {"status": "FAILED", "tags": {"a": "1", "new": "3"}}}}

    assert list(compare(before, now)) == [
        "/runs/1/status was 'FINISHED' and is 'FAILED'",
        "/runs/1/tags/b is missing, it was '2'",
    ]
