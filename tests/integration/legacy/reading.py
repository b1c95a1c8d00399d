"""Everything that a tracking server knows, read through the MLflow client as plain data that JSON can hold.

It runs under the old client, where it writes the manifest, and under the new one, where the same must come out. It
reads values, not the objects' own form, which differs between the versions.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from mlflow.server.auth.client import AuthServiceClient

if TYPE_CHECKING:
    from collections.abc import Iterator

Facts = dict[str, Any]

ADMIN = "admin"
DEFAULT_PERMISSION = "READ"


def read_everything(uri: str, users: dict[str, str]) -> Facts:
    """All that the administrator sees, and what each user may see."""
    client = MlflowClient(uri)
    with as_user(ADMIN, users[ADMIN]):
        experiments = client.search_experiments(view_type=ViewType.ALL)
        ids = [experiment.experiment_id for experiment in experiments]
        facts: Facts = {
            "experiments": {experiment.experiment_id: read_experiment(experiment) for experiment in experiments},
            "runs": {run.info.run_id: read_run(client, run) for run in search_runs(client, ids)},
            "models": {model.name: read_model(client, model) for model in client.search_registered_models()},
            "prompts": read_prompts(client),
            "traces": {key: value for id_ in ids for key, value in read_traces(client, id_).items()},
            "predictions": read_predictions(uri),
        }
    names = {id_: facts["experiments"][id_]["name"] for id_ in ids}
    facts["users"] = {name: read_user(client, users, name, names, list(facts["models"])) for name in users}
    return facts


@contextmanager
def as_user(name: str, password: str) -> Iterator[None]:
    """MLflow's client takes the credentials of each request from the environment."""
    before = dict(os.environ)
    os.environ.update(MLFLOW_TRACKING_USERNAME=name, MLFLOW_TRACKING_PASSWORD=password)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def fields(thing: Any, names: str) -> Facts:
    return {name: getattr(thing, name) for name in names.split()}


def read_experiment(experiment: Any) -> Facts:
    facts = fields(experiment, "name artifact_location lifecycle_stage creation_time last_update_time")
    return {**facts, "tags": dict(experiment.tags)}


def search_runs(client: MlflowClient, ids: list[str]) -> list[Any]:
    """Also the runs of deleted experiments, and deleted runs."""
    return list(client.search_runs(ids, run_view_type=ViewType.ALL, max_results=1000))


def read_run(client: MlflowClient, run: Any) -> Facts:
    id_ = run.info.run_id
    facts = fields(run.info, "experiment_id run_name user_id status start_time end_time artifact_uri lifecycle_stage")
    return {
        **facts,
        "params": dict(run.data.params),
        "tags": dict(run.data.tags),
        "metrics": {key: repr(value) for key, value in run.data.metrics.items()},
        "histories": {key: read_history(client, id_, key) for key in run.data.metrics},
        "datasets": [read_dataset(dataset) for dataset in run.inputs.dataset_inputs],
        "artifacts": read_artifacts(client, id_),
    }


def read_history(client: MlflowClient, run_id: str, key: str) -> list[list[Any]]:
    # repr: JSON has neither NaN nor infinity, and NaN is not equal to itself.
    points = client.get_metric_history(run_id, key)
    return sorted([point.step, point.timestamp, repr(point.value)] for point in points)


def read_dataset(entry: Any) -> Facts:
    facts = fields(entry.dataset, "name digest source_type source schema profile")
    return {**facts, "tags": {tag.key: tag.value for tag in entry.tags}}


def read_artifacts(client: MlflowClient, run_id: str) -> dict[str, str]:
    """The digest of each artifact, by path; found by listing folder by folder, as the UI does."""
    files: dict[str, str] = {}
    folders: list[str | None] = [None]
    with tempfile.TemporaryDirectory() as directory:
        for folder in folders:
            for entry in client.list_artifacts(run_id, folder):
                if entry.is_dir:
                    folders.append(entry.path)
                else:
                    path = Path(client.download_artifacts(run_id, entry.path, directory))
                    files[entry.path] = hashlib.sha256(path.read_bytes()).hexdigest()
    return files


def read_model(client: MlflowClient, model: Any) -> Facts:
    facts = fields(model, "description creation_timestamp last_updated_timestamp")
    versions = client.search_model_versions(f"name = '{model.name}'")
    return {
        **facts,
        "tags": dict(model.tags),
        "aliases": {alias: str(number) for alias, number in model.aliases.items()},
        "versions": {str(version.version): read_version(client, version) for version in versions},
    }


def read_version(client: MlflowClient, version: Any) -> Facts:
    facts = fields(
        version,
        "description creation_timestamp last_updated_timestamp current_stage source run_id status user_id",
    )
    found = client.get_model_version(version.name, version.version)
    download = client.get_model_version_download_uri(version.name, version.version)
    return {**facts, "tags": dict(found.tags), "aliases": sorted(found.aliases), "download_uri": download}


def read_prompts(client: MlflowClient) -> Facts:
    prompts = {str(number): client.load_prompt("greeting", number) for number in (1, 2)}
    return {number: fields(prompt, "template commit_message") for number, prompt in prompts.items()}


def read_traces(client: MlflowClient, experiment_id: str) -> Facts:
    return {trace.info.request_id: read_trace(trace) for trace in client.search_traces([experiment_id])}


def read_trace(trace: Any) -> Facts:
    spans = [
        {**fields(span, "name span_type inputs outputs"), "attributes": span.attributes} for span in trace.data.spans
    ]
    facts = fields(trace.info, "experiment_id timestamp_ms execution_time_ms")
    return {**facts, "status": trace.info.status.value, "tags": dict(trace.info.tags), "spans": spans}


def read_predictions(uri: str) -> list[float]:
    """What the stored model answers: it is found by its alias, fetched through the server and loaded."""
    mlflow.set_tracking_uri(uri)
    return list(mlflow.pyfunc.load_model("models:/forecast@champion").predict([1.5, 21.0]))


def read_user(
    client: MlflowClient, users: dict[str, str], name: str, experiments: dict[str, str], models: list[str]
) -> Facts:
    auth = AuthServiceClient(client.tracking_uri)
    with as_user(ADMIN, users[ADMIN]):
        facts: Facts = {
            "is_admin": auth.get_user(name).is_admin,
            "permissions": {f"experiment {experiments[id_]}": permission(auth, name, id_) for id_ in experiments}
            | {f"model {model}": model_permission(auth, name, model) for model in models},
        }
    with as_user(name, users[name]):
        facts["sees"] = {
            f"experiment {title}": allowed(client.get_experiment, id_) for id_, title in experiments.items()
        } | {f"model {model}": allowed(client.get_registered_model, model) for model in models}
    return facts


def permission(auth: Any, user: str, experiment_id: str) -> str:
    if hasattr(auth, "get_user_permission"):
        return str(auth.get_user_permission(user, "experiment", experiment_id).permission)
    try:
        return str(auth.get_experiment_permission(experiment_id, user).permission)
    except MlflowException:
        return DEFAULT_PERMISSION


def model_permission(auth: Any, user: str, model: str) -> str:
    if hasattr(auth, "get_user_permission"):
        return str(auth.get_user_permission(user, "registered_model", model).permission)
    try:
        return str(auth.get_registered_model_permission(model, user).permission)
    except MlflowException:
        return DEFAULT_PERMISSION


def allowed(ask: Any, *arguments: str) -> str:
    try:
        ask(*arguments)
    except MlflowException as error:
        return str(error.error_code)
    return "yes"
