"""`flowship export` and `flowship import`: what the stock client reads of an experiment is the same afterwards."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.exporting.conftest import KINDS
from tests.integration.exporting.filling import facts, fill, registry
from tests.integration.flowship import PROGRAM, run, sqlite_tables, write_values

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

    from tests.integration.servers.database import Database

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow's own, of whose store the client is here."""


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
    before, models = facts(uri_of(old / "mlflow.db"), "churn"), registry(uri_of(old / "mlflow.db"))

    assert (done := run(*command)).returncode == 0, done.stderr
    after = facts(uri_of(url), "churn")
    identifier = before["experiment"]["experiment_id"]
    old_place, place = "mlflow-artifacts:/churn", f"mlflow-artifacts:/{identifier}"
    assert without_places(after, place) == without_places(before, old_place)
    arrived = registry(uri_of(url))
    assert without_places(arrived, place) == without_places(models, old_place)
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
    assert '"forecast" is among the registered models and prompts already, and is left as it is' in copied.stderr
    new = copy["experiment"]["experiment_id"]
    there = registry(uri_of(url))
    assert there["prompt"]["_tags"]["_mlflow_experiment_ids"] == f",{identifier},{new},"
    assert there["versions"] == arrived["versions"]
    assert (data / "artifacts" / new / runs["parent"]["info"]["run_id"] / "artifacts/model/weights.bin").exists()
    assert int(next_experiment(uri_of(url))) > int(new)


def next_experiment(uri: str) -> str:
    from mlflow import MlflowClient

    return str(MlflowClient(uri).create_experiment("next"))


def contents(top: Path) -> dict[str, bytes]:
    return {str(file.relative_to(top)): file.read_bytes() for file in top.rglob("*") if file.is_file()}


def identifiers(found: dict[str, Any]) -> set[str]:
    return set(re.findall(r"(?<![0-9a-z])(?:tr-|m-|a-)?[0-9a-f]{32}(?![0-9a-z])", json.dumps(found)))


def test_models_and_prompts_come_with_new_identifiers(exported: Path, tmp_path: Path) -> None:
    data = empty(tmp_path / "data")
    uri = uri_of(data / "mlflow.db")

    assert (done := run("import", "--data", str(data), str(exported), "--new-ids")).returncode == 0, done.stderr

    found, there = facts(uri, "churn"), registry(uri)
    parent, model = found["runs"]["parent"]["info"]["run_id"], found["models"][0]["model_id"]
    place = f"mlflow-artifacts:/{found['experiment']['experiment_id']}"
    assert there["champion"] == [3, f"models:/{model}", parent]
    assert there["files"] == {"1": f"{place}/{parent}/artifacts/model", "3": found["models"][0]["artifact_location"]}
    first = next(each for each in there["versions"] if each["version"] == 1)
    assert (first["run_id"], first["description"]) == (parent, f"of the run {parent}")
    assert not first["run_link"].endswith(parent)  # it is on another server, where the run has the old one
    assert there["prompt"]["_tags"]["_mlflow_experiment_ids"] == f",{found['experiment']['experiment_id']},"


def test_names_that_others_have_are_refused_before_anything_is_written(exported: Path, tmp_path: Path) -> None:
    from mlflow import MlflowClient

    data = empty(tmp_path / "data")
    client = MlflowClient(uri_of(data / "mlflow.db"))
    client.create_registered_model("forecast")

    said = refused("import", "--data", str(data), str(exported))

    assert 'has a registered model or prompt "forecast" already, which is another one: that of experiment 2' in said
    assert "import with --without-models. Nothing was imported" in said
    assert client.get_experiment_by_name("churn") is None
    assert not (data / "artifacts").exists()

    done = run("import", "--data", str(data), str(exported), "--without-models")

    assert done.returncode == 0, done.stderr
    assert client.get_experiment_by_name("churn") is not None
    assert [model.name for model in client.search_registered_models()] == ["forecast"]


def test_what_a_killed_import_leaves_is_found_as_orphans(exported: Path, tmp_path: Path) -> None:
    data = empty(tmp_path / "data")
    wanted = sorted(contents(exported / "experiments" / "2" / "artifacts").values())
    command = [str(PROGRAM), "import", "--data", str(data), "--new-ids", str(exported)]
    with closing(sqlite3.connect(data / "mlflow.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # the import has its artifacts in place, and waits for its turn to write rows
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed:
            while sorted(contents(data / "artifacts").values()) != wanted:
                assert killed.poll() is None
                time.sleep(0.05)
            killed.kill()

    done = run("gc", "--data", str(data), "--orphans", "--older-than", "0s", "--yes")

    assert done.returncode == 0, done.stderr
    assert contents(data / "artifacts") == {}
    assert run("import", "--data", str(data), "--new-ids", str(exported)).returncode == 0
    assert sorted(contents(data / "artifacts").values()) == wanted


def empty(data: Path) -> Path:
    data.mkdir()
    (data / "mlflow.db").write_bytes(sqlite_tables())
    with closing(sqlite3.connect(data / "mlflow.db")) as copy, copy:  # it was made for artifacts in another directory
        copy.execute("DELETE FROM flowship_settings WHERE name = 'artifacts-destination'")
    return data


def test_what_is_left_out_is_told(old: Path, tmp_path: Path) -> None:
    from mlflow import MlflowClient

    data = tmp_path / "data"
    shutil.copytree(old, data)
    client = MlflowClient(f"sqlite:///{data / 'mlflow.db'}")
    other = client.search_runs(["1"])[0].info.run_id
    client.create_model_version("forecast", f"mlflow-artifacts:/other/{other}/artifacts", other)

    done = run("export", "--data", str(data), "churn", "--to", str(tmp_path / "out"))

    assert done.returncode == 1
    told = 'version 4 of registered model "forecast", made in experiment 1, other, with their aliases'
    assert f"left out: experiment 2, churn: {told}" in done.stderr
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
