"""A program for MLflow 2.22.0's Python: fills a running 2.22.0 server as its users do, then writes the manifest.

The manifest is what `reading` finds on the old server; `verify` reads the same from a new one and compares.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.data.http_dataset_source import HTTPDatasetSource
from mlflow.data.meta_dataset import MetaDataset
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.server.auth.client import AuthServiceClient

from tests.integration.legacy.reading import as_user, read_everything

STEPS = 40
PARTS = ["data/train.csv", "data/deep/er/still.bin", "notes.md"]
LONG_TEXT = "ein längerer Satz, 100 % 😀 'quoted' \"twice\" \\ " * 130


def fill(uri: str, users: dict[str, str]) -> None:
    """Make one of everything. The users are ada, grace and the administrator, with their passwords."""
    admin, auth = MlflowClient(uri), AuthServiceClient(uri)
    for name in ("ada", "grace"):
        auth.create_user(name, users[name])
    auth.create_user("root2", users["root2"])
    auth.update_user_admin("root2", True)
    with as_user("ada", users["ada"]):
        churn = admin.create_experiment("churn", tags={"team": "growth", "mlflow.note.content": "# Über churn 😀"})
        finished = fill_runs(admin, churn)
        version = fill_models(admin, finished)
        fill_prompt(admin)
        fill_trace(admin, churn)
    secret = fill_other_experiments(admin)
    auth.create_experiment_permission(secret, "ada", "MANAGE")
    auth.create_experiment_permission(secret, "grace", "NO_PERMISSIONS")
    auth.create_experiment_permission(churn, "grace", "EDIT")
    auth.create_registered_model_permission("forecast", "grace", "EDIT")
    auth.create_registered_model_permission("payroll", "grace", "NO_PERMISSIONS")
    assert version == "2"


def fill_runs(client: MlflowClient, experiment: str) -> str:
    """Runs in each state that a run can be in; gives the finished one's id."""
    finished = client.create_run(experiment, run_name="first try", tags={"note": LONG_TEXT, "empty": ""}).info.run_id
    client.log_batch(finished, metrics=history(), params=parameters(), tags=[RunTag("kleiner Ärger", "😀")])
    client.log_inputs(finished, datasets())
    client.log_text(finished, "seed = 7\n", "settings/with space.txt")
    client.log_text(finished, "ü", "ünïcödé.txt")
    with tempfile.TemporaryDirectory() as directory:
        for index, part in enumerate(PARTS):
            path = Path(directory) / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bytes(range(256)) * index)
        client.log_artifacts(finished, directory, "folder")
    log_model(client, finished)
    client.set_terminated(finished, "FINISHED")
    for status in ("FAILED", "KILLED"):
        run = client.create_run(experiment, run_name=status.lower(), tags={"mlflow.parentRunId": finished})
        client.log_metric(run.info.run_id, "loss", 1e308, step=-3)
        client.set_terminated(run.info.run_id, status)
    client.create_run(experiment, run_name="still running")
    deleted = client.create_run(experiment, run_name="a mistake").info.run_id
    client.log_param(deleted, "typo", "lerning_rate")
    client.log_text(deleted, "kept until gc", "mistake.txt")
    client.delete_run(deleted)
    return str(finished)


def history() -> list[Any]:
    """Metrics with steps, a value that comes twice, and the values that databases store in ways of their own."""
    metrics = [Metric("loss", 1 / (1 + step), 1_700_000_000_000 + step, step) for step in range(STEPS)]
    odd = {"nan": math.nan, "infinite": math.inf, "minus infinite": -math.inf, "tiny": 5e-324, "zero": -0.0}
    metrics += [Metric(f"odd/{name}", value, 1_700_000_000_000, 0) for name, value in odd.items()]
    metrics += [Metric("mixed", value, 1_700_000_000_000 + n, n) for n, value in enumerate([1.0, math.nan, math.inf])]
    return metrics + [Metric("last wins", float(n), 1_700_000_000_000 + n, 5) for n in range(3)]


def parameters() -> list[Any]:
    return [
        Param("learning_rate", "0.1"),
        Param("Größe", "groß 😀"),
        Param("long", LONG_TEXT[:6000]),
        Param("none", ""),
    ]


def datasets() -> list[Any]:
    source = HTTPDatasetSource("http://127.0.0.1/wine.csv")
    named = MetaDataset(source, name="wine").to_dict()
    dataset = Dataset(
        name=named["name"],
        digest=named["digest"],
        source_type=named["source_type"],
        source=named["source"],
        schema=json.dumps({"mlflow_colspec": [{"type": "double", "name": "säure"}]}),
        profile=json.dumps({"num_rows": 6497}),
    )
    return [DatasetInput(dataset, [InputTag("mlflow.data.context", "training"), InputTag("fold", "1")])]


def log_model(client: MlflowClient, run_id: str) -> None:
    mlflow.set_tracking_uri(client.tracking_uri)
    with mlflow.start_run(run_id=run_id):
        mlflow.pyfunc.log_model(
            "model",
            python_model=str(Path(__file__).parent / "model.py"),
            pip_requirements=["mlflow"],  # otherwise MLflow loads the model in a process of its own to find out
            metadata={"made by": "2.22.0"},
        )


def fill_models(client: MlflowClient, run_id: str) -> str:
    """Two versions with everything that a version can have, and a model without any; gives the last version."""
    client.create_registered_model("forecast", tags={"team": "growth", "Ärger": "😀"}, description=LONG_TEXT[:5000])
    for _ in range(2):
        version = client.create_model_version(
            "forecast", f"runs:/{run_id}/model", run_id=run_id, tags={"checked": "yes"}, description="trained by ada"
        ).version
    client.set_registered_model_alias("forecast", "champion", "1")
    client.set_registered_model_alias("forecast", "challenger", "2")
    client.transition_model_version_stage("forecast", "1", "Production")
    client.create_registered_model("nothing yet")
    client.create_registered_model("payroll")
    client.create_registered_model("dropped")
    client.create_model_version("dropped", f"runs:/{run_id}/model", run_id=run_id)
    client.delete_registered_model("dropped")
    return str(version)


def fill_prompt(client: MlflowClient) -> None:
    for text in ("Hello {{name}}", "Hello {{name}}, in {{language}} 😀"):
        client.register_prompt("greeting", text, commit_message="wording", version_metadata={"author": "ada"})


def fill_trace(client: MlflowClient, experiment: str) -> None:
    root = client.start_trace("answer", inputs={"question": "wärum?"}, tags={"kind": "chat"}, experiment_id=experiment)
    span = client.start_span("look up", root.request_id, root.span_id, span_type="RETRIEVER", inputs={"key": [1, 2]})
    client.end_span(root.request_id, span.span_id, outputs={"found": 2.5}, attributes={"cached": True})
    client.end_trace(root.request_id, outputs={"answer": "därum 😀"})


def fill_other_experiments(client: MlflowClient) -> str:
    """One that is deleted, one for few eyes, and the default one; gives the id of the one for few eyes."""
    client.log_param(client.create_run("0", run_name="in default").info.run_id, "where", "Default")
    deleted = client.create_experiment("old idea", tags={"why": "budget"})
    client.log_metric(client.create_run(deleted, run_name="with it").info.run_id, "m", 1.5)
    client.delete_experiment(deleted)
    secret = client.create_experiment("payroll")
    client.log_text(client.create_run(secret, run_name="salaries").info.run_id, "1000", "salaries.txt")
    return str(secret)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--uri", required=True)
    parser.add_argument("--users", required=True, type=Path, help="JSON: names and passwords")
    parser.add_argument("--manifest", required=True, type=Path)
    arguments = parser.parse_args()
    users = json.loads(arguments.users.read_text())
    with as_user("admin", users["admin"]):
        fill(arguments.uri, users)
    arguments.manifest.write_text(json.dumps(read_everything(arguments.uri, users), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
