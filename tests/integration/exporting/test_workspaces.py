"""Experiments of several workspaces with the same names: an export and an import keep them apart."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

import mlflow
import pytest
from mlflow import MlflowClient

from tests.integration.flowship import run, running, write_values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow's own, of whose client this is."""

WORKSPACES = {"extraFlags": ["enableWorkspaces"]}
TEAMS = ("team-a", "team-b")


@contextmanager
def client_in(workspace: str, address: str) -> Iterator[MlflowClient]:
    """The stock client, in a workspace of a server with some."""
    with patch.dict(os.environ, {"MLFLOW_WORKSPACE": workspace} if workspace else {}):
        mlflow.set_tracking_uri(address)
        yield MlflowClient(address, registry_uri=address)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A directory of data in which two teams have experiments and models of the same names, in workspaces of theirs;
    with the identifiers of the experiments."""
    data = tmp_path_factory.mktemp("old") / "data"
    found = {"data": str(data)}
    with running(WORKSPACES, data=data) as server:
        for team in TEAMS:
            with client_in("", server.address):
                mlflow.create_workspace(team)
            with client_in(team, server.address) as client:
                found[team] = client.create_experiment("churn")
                run_id = client.create_run(found[team], run_name=f"of {team}").info.run_id
                client.log_text(run_id, f"of {team}", "model/note.txt")
                client.create_registered_model("forecast", description=f"of {team}")
                client.create_model_version("forecast", f"runs:/{run_id}/model", run_id)
        belongs = {"MLFLOW_EXPERIMENT_ID": found["team-b"]}  # which a thread of the client's adds to the tag
        with client_in("team-b", server.address) as client, patch.dict(os.environ, belongs):
            client.register_prompt("borrowed", "Hello", tags={"_mlflow_experiment_ids": f",{found['team-a']},"})
    return found


def exported(old: dict[str, str], team: str, directory: Path) -> Path:
    """The export of a team's experiment."""
    done = run("export", "--data", old["data"], old[team], "--to", str(directory))
    told = 'prompt "borrowed" of the workspace team-b, which is another one than the experiment\'s'
    assert done.returncode == (1 if team == "team-a" else 0), done.stderr
    assert (f"left out: experiment {old[team]}, churn: {told}" in done.stderr) == (team == "team-a")
    return directory


def read(address: str, workspace: str) -> tuple[list[str], list[str], list[str]]:
    """The runs, the files and the models that the client finds in an experiment of a workspace."""
    with client_in(workspace, address) as client:
        experiment = client.get_experiment_by_name("churn")
        models = [f"{each.name} {each.description}" for each in client.search_registered_models()]
        if experiment is None:
            return [], [], models
        runs = client.search_runs([experiment.experiment_id])
        texts = [mlflow.artifacts.load_text(f"{each.info.artifact_uri}/model/note.txt") for each in runs]
        return [each.info.run_name for each in runs], texts, models


def test_a_name_in_two_workspaces_is_refused(old: dict[str, str], tmp_path: Path) -> None:
    done = run("export", "--data", old["data"], "churn", "--to", str(tmp_path / "out"))

    assert done.returncode == 1
    both = f"{old['team-a']} in the workspace team-a, {old['team-b']} in the workspace team-b"
    assert f"2 experiments are called churn: {both}. Name the one that is meant by its identifier." in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_experiment_arrives_in_its_workspace_where_clients_reach_its_files(
    old: dict[str, str], tmp_path: Path
) -> None:
    both = tmp_path / "both"
    done = run("export", "--data", old["data"], *(old[team] for team in TEAMS), "--to", str(both))
    assert done.returncode == 1, done.stderr
    data, values = tmp_path / "data", str(write_values(tmp_path / "values.yaml", WORKSPACES))
    with running(WORKSPACES, data=data) as server:
        without = run("import", "-f", values, "--data", str(data), str(both))
        assert without.returncode == 1
        said = f"has no workspace team-a, in which experiment {old['team-a']}, churn, would be. Make it there first"
        assert said in without.stderr
        assert not (data / "artifacts").exists()
        with client_in("", server.address):
            for team in TEAMS:
                mlflow.create_workspace(team)

        there = run("import", "-f", values, "--data", str(data), str(both))

        assert there.returncode == 0, there.stderr
        for team in TEAMS:
            assert read(server.address, team) == ([f"of {team}"], [f"of {team}"], [f"forecast of {team}"])
        assert read(server.address, "default") == ([], [], [])


def test_an_experiment_goes_to_a_server_without_workspaces(old: dict[str, str], tmp_path: Path) -> None:
    one, other = (exported(old, team, tmp_path / team) for team in TEAMS)
    both = tmp_path / "both"
    run("export", "--data", old["data"], *(old[team] for team in TEAMS), "--to", str(both))
    data = tmp_path / "data"
    into_default = ("import", "--data", str(data), "--workspace", "default")
    with running({}, data=data) as server:
        mixed = run(*into_default, str(both))
        assert mixed.returncode == 1
        assert "is of the workspaces team-a, team-b, which --workspace would mix" in mixed.stderr

        done = run(*into_default, str(one))

        assert done.returncode == 0, done.stderr
        wanted = (["of team-a"], ["of team-a"], ["forecast of team-a"])
        assert read(server.address, "") == wanted
        second = run(*into_default, "--suffix", " of b", str(other))
        assert second.returncode == 1
        assert 'has a registered model or prompt "forecast" already, which is another one' in second.stderr
        assert read(server.address, "") == wanted
