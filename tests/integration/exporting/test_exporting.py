"""`flowship export` and `flowship import`: what the stock client reads of an experiment is the same afterwards."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from flowship.database.drivers import MYSQL
from flowship.mlflow_seams.database import schema
from tests.integration.database.places import url_of
from tests.integration.exporting.filling import facts, fill
from tests.integration.flowship import run, sqlite_tables, write_values
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

    from tests.integration.servers.database import Database

KINDS = {"postgres": "postgresql+psycopg2", "mysql": MYSQL}


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with experiments in SQLite."""
    data = tmp_path_factory.mktemp("old")
    (data / "mlflow.db").write_bytes(sqlite_tables())
    fill(f"sqlite:///{data / 'mlflow.db'}", data / "artifacts")
    return data


@pytest.fixture(scope="module")
def exported(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("exported") / "churn"
    done = run("export", "--data", str(old), "churn", "--to", str(directory))
    assert done.returncode == 0, done.stderr
    return directory


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Callable[[str], tuple[Database, URL]]:
    """Makes a database with MLflow's tables."""

    def make(kind: str) -> tuple[Database, URL]:
        server = request.getfixturevalue("postgres" if kind == "postgres" else "mariadb")
        database = database_with_tables(server)
        url = url_of(database, KINDS[kind])
        schema.make_default_experiment(url, "mlflow-artifacts:/")
        return database, url

    return make


def uri_of(place: Path | URL) -> str:
    return place.render_as_string(hide_password=False) if not hasattr(place, "exists") else f"sqlite:///{place}"


def without_places(found: dict[str, Any], location: str) -> dict[str, Any]:
    """Leave out what an import is to change: where artifacts are."""
    read: dict[str, Any] = json.loads(json.dumps(found).replace(location, "HERE"))
    return read


@pytest.mark.parametrize("kind", KINDS)
def test_an_experiment_is_the_same_in_another_database(
    kind: str, old: Path, exported: Path, fresh: Callable[[str], tuple[Database, URL]], tmp_path: Path
) -> None:
    database, url = fresh(kind)
    values = write_values(tmp_path / "values.yaml", {"backendStore": {kind: database.section()}})
    data = tmp_path / "data"
    command = ("import", "-f", str(values), "--data", str(data), str(exported))
    before = facts(f"sqlite:///{old / 'mlflow.db'}", "churn")

    assert (done := run(*command)).returncode == 0, done.stderr
    after = facts(uri_of(url), "churn")
    identifier = before["experiment"]["experiment_id"]
    assert without_places(after, f"mlflow-artifacts:/{identifier}") == without_places(before, "mlflow-artifacts:/churn")
    assert contents(data / "artifacts" / identifier) == contents(old / "artifacts" / "churn")

    again = run(*command)
    assert again.returncode == 0, again.stderr
    assert "churn, is there already, and stays as it is" in again.stderr + again.stdout
    assert facts(uri_of(url), "churn") == after

    copied = run(*command, "--new-ids", "--suffix", " copy")
    assert copied.returncode == 0, copied.stderr
    copy = facts(uri_of(url), "churn copy")
    assert copy["histories"] == after["histories"]
    assert identifiers(copy) & identifiers(after) == set()
    assert len(identifiers(copy)) == len(identifiers(after))
    runs = copy["runs"]
    assert runs["child"]["data"]["tags"]["mlflow.parentRunId"] == runs["parent"]["info"]["run_id"]
    assert runs["parent"]["linked"] == runs["child"]["linked"] == [copy["models"][0]["model_id"]]
    assert copy["of the run"] == [copy["traces"][0]["info"]["trace_id"]]
    new = copy["experiment"]["experiment_id"]
    assert (data / "artifacts" / new / runs["parent"]["info"]["run_id"] / "artifacts/model/weights.bin").exists()
    assert int(next_experiment(uri_of(url))) > int(new)


def next_experiment(uri: str) -> str:
    from mlflow import MlflowClient

    return str(MlflowClient(uri).create_experiment("next"))


def contents(top: Path) -> dict[str, bytes]:
    return {str(file.relative_to(top)): file.read_bytes() for file in top.rglob("*") if file.is_file()}


def identifiers(found: dict[str, Any]) -> set[str]:
    return set(re.findall(r"(?<![0-9a-z])(?:tr-|m-|a-)?[0-9a-f]{32}(?![0-9a-z])", json.dumps(found)))


def test_what_is_left_out_is_told(old: Path, tmp_path: Path) -> None:
    from mlflow import MlflowClient

    data = tmp_path / "data"
    shutil.copytree(old, data)
    client = MlflowClient(f"sqlite:///{data / 'mlflow.db'}")
    client.create_registered_model("forecast")
    churn = client.get_experiment_by_name("churn")
    assert churn is not None
    run_id = client.search_runs([churn.experiment_id])[0].info.run_id
    client.create_model_version("forecast", f"mlflow-artifacts:/churn/{run_id}/artifacts", run_id)

    done = run("export", "--data", str(data), "churn", "--to", str(tmp_path / "out"))

    assert done.returncode == 1
    assert "left out: experiment 2, churn: 1 rows of model_versions" in done.stderr
    assert (tmp_path / "out" / "manifest.json").exists()


def test_an_export_is_read_by_people(exported: Path) -> None:
    manifest = json.loads((exported / "manifest.json").read_text())
    (experiment,) = manifest["experiments"]
    top = exported / "experiments" / str(experiment["id"])

    assert (manifest["format"], experiment["name"], experiment["rows"]["runs"]) == (1, "churn", 3)
    assert len(list((top / "runs").iterdir())) == 3
    lines = [line for file in (top / "runs").glob("*/metrics.jsonl") for line in file.read_text().splitlines()]
    assert len(lines) == experiment["rows"]["metrics"]
    assert {"key", "value", "timestamp", "step", "is_nan", "run_uuid"} == set(json.loads(lines[0]))


def refused(*arguments: str) -> str:
    done = run(*arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_file_that_has_changed_is_refused(old: Path, exported: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(exported, damaged)
    file = next(damaged.rglob("params.jsonl"))
    file.write_text(file.read_text().replace("0.1", "0.2"))

    said = refused("import", "--data", str(old), str(damaged))

    assert "1 files of experiment 2 are not as they were exported, the first is runs/" in said


def test_an_experiment_that_is_taken_is_refused(exported: Path, old: Path, tmp_path: Path) -> None:
    from mlflow import MlflowClient

    data = tmp_path / "data"
    shutil.copytree(old, data)
    client = MlflowClient(f"sqlite:///{data / 'mlflow.db'}")
    client.rename_experiment("2", "renamed")

    said = refused("import", "--data", str(data), str(exported))

    assert "has an experiment 2, renamed, which is in the way of 2, churn. Import with --new-ids" in said
    assert "no experiment" in refused("export", "--data", str(data), "gone", "--to", str(tmp_path / "out"))
    assert "is there already" in refused("export", "--data", str(data), "renamed", "--to", str(exported))
    assert "is no export" in refused("import", "--data", str(data), str(tmp_path))
