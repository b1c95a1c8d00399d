"""Experiments with one of everything, made and read by the stock client, which writes to a database itself."""

from __future__ import annotations

import json
import math
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    Feedback,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    RunTag,
    ViewType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS = 3000
"""More than the rows that are in memory at once."""


def fill(uri: str, artifacts: Path) -> None:
    """Make an experiment `churn` with nested runs, datasets, a logged model, a trace and artifacts, and one `other`."""
    client = MlflowClient(uri)
    client.create_run(client.create_experiment("other", artifact_location="mlflow-artifacts:/other"))
    churn = client.create_experiment("churn", tags={"team": "growth 😀"}, artifact_location="mlflow-artifacts:/churn")
    parent = client.create_run(churn, run_name="parent", tags={"note": "Größe\n'quoted' \"twice\" \\"}).info.run_id
    metrics = [Metric("loss", 1 / (1 + step), 1_700_000_000_000 + step, step) for step in range(STEPS)]
    metrics += [Metric(f"odd/{n}", value, 1, 0) for n, value in enumerate((math.nan, math.inf, -math.inf, 5e-324))]
    for start in range(0, len(metrics), 1000):
        client.log_batch(parent, metrics[start : start + 1000])
    client.log_batch(parent, params=[Param("rate", "0.1"), Param("none", "")], tags=[RunTag("kleiner Ärger", "😀")])
    child = client.create_run(churn, run_name="child", tags={"mlflow.parentRunId": parent}).info.run_id
    client.set_terminated(child, "FAILED")
    deleted = client.create_run(churn, run_name="a mistake").info.run_id
    client.delete_run(deleted)
    model = client.create_logged_model(churn, "forest", parent, {"kind": "tree"}, {"depth": "3"})
    client.log_metric(parent, "accuracy", 0.9, model_id=model.model_id)
    dataset = Dataset("wine", "1a2b", "http", json.dumps({"url": "http://127.0.0.1"}), "{}", "{}")
    client.log_inputs(parent, [DatasetInput(dataset, [InputTag("fold", "1")])], [LoggedModelInput(model.model_id)])
    client.log_outputs(child, [LoggedModelOutput(model.model_id, 1)])
    with warnings.catch_warnings():
        used = trace(client, churn, parent)
        register(client, parent, model.model_id, used)
    for name in (f"{parent}/artifacts/model/weights.bin", f"models/{model.model_id}/artifacts/MLmodel"):
        file = artifacts / "churn" / name
        file.parent.mkdir(parents=True)
        file.write_bytes(name.encode())


def trace(client: MlflowClient, experiment: str, run: str) -> str:
    import mlflow

    warnings.simplefilter("ignore")  # of MLflow's own, which would keep it from making spans
    mlflow.set_tracking_uri(client.tracking_uri)
    root = client.start_trace("answer", inputs={"question": "wärum?"}, tags={"kind": "chat"}, experiment_id=experiment)
    span = client.start_span("look up", root.trace_id, root.span_id, span_type="RETRIEVER", inputs={"key": [1, 2]})
    client.end_span(root.trace_id, span.span_id, outputs={"found": 2.5}, attributes={"cached": True})
    client.end_trace(root.trace_id, outputs={"answer": "därum 😀"})
    mlflow.flush_trace_async_logging()
    client.link_traces_to_run([root.trace_id], run)
    mlflow.log_assessment(root.trace_id, Feedback(name="good", value=True, rationale="it is"))
    return str(root.trace_id)


def register(client: MlflowClient, run: str, model: str, used_by: str) -> None:
    """Make a registered model with versions of a run and a logged model and one that was deleted, and a prompt with two
    versions, of which the trace used the second."""
    churn = client.get_run(run).info.experiment_id
    client.create_registered_model("forecast", {"team": "growth"}, "How many leave. 😀")
    source = f"mlflow-artifacts:/churn/{run}/artifacts/model"
    link = f"https://other.example/#/experiments/1/runs/{run}"
    client.create_model_version("forecast", source, run, {"checked": "yes"}, link, f"of the run {run}")
    client.create_model_version("forecast", "models:/forecast/1", run)
    client.delete_model_version("forecast", "2")
    client.create_model_version("forecast", f"models:/{model}", tags={"kind": "tree"})
    client.set_registered_model_alias("forecast", "champion", "3")
    client.set_registered_model_alias("forecast", "old", "1")
    with patch.dict(os.environ, MLFLOW_EXPERIMENT_ID=churn):
        for text in ("Hello {{name}}", "Good day {{name}}, ärgerlich 😀"):
            client.register_prompt("greeting", text, commit_message="a greeting", tags={"kind": "polite"})
        client.set_prompt_alias("greeting", "live", 2)
        client.set_prompt_tag("greeting", "_mlflow_experiment_ids", f",{churn},")  # as a thread of the client's will
        client.link_prompt_versions_to_trace([client.load_prompt("greeting", 2)], used_by)


def facts(uri: str, experiment: str) -> dict[str, Any]:
    """All that the stock client reads of an experiment."""
    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    assert found is not None
    ids = [found.experiment_id]
    runs = list(client.search_runs(ids, run_view_type=ViewType.ALL))
    everything = {
        "experiment": dict(found),
        "runs": by_name(dict(run.to_dictionary(), linked=linked(client, run)) for run in runs),
        "histories": {
            f"{run.info.run_name} {key}": [(m.value, m.timestamp, m.step) for m in history(client, run, key)]
            for run in runs
            for key in run.data.metrics
        },
        "models": [model.to_dictionary() for model in client.search_logged_models(ids)],
        "traces": [json.loads(trace.to_json()) for trace in client.search_traces(locations=ids)],
        "of the run": [trace.info.trace_id for trace in traces_of_runs(client, ids, runs)],
    }
    read: dict[str, Any] = json.loads(json.dumps(everything, default=plain, sort_keys=True), parse_constant=str)
    return read


def registry(uri: str) -> dict[str, Any]:
    """All that the stock client reads of registered models and prompts."""
    client = MlflowClient(uri)
    version = client.get_model_version_by_alias("forecast", "champion")
    churn = client.get_experiment_by_name("churn")
    assert churn is not None
    with patch.dict(os.environ, MLFLOW_EXPERIMENT_ID=churn.experiment_id):  # who loads a prompt has it belong there
        prompts = [client.load_prompt("prompts:/greeting@live"), client.load_prompt("greeting", 1)]
    everything = {
        "model": dict(client.get_registered_model("forecast")),
        "versions": [dict(each) for each in client.search_model_versions("name = 'forecast'")],
        "champion": (version.version, version.source, version.run_id),
        "files": {each: client.get_model_version_download_uri("forecast", each) for each in ("1", "3")},
        "prompt": vars(client.get_prompt("greeting")),
        "prompts": [(each.version, each.template, each.commit_message, each.tags) for each in prompts],
    }
    read: dict[str, Any] = json.loads(json.dumps(everything, default=plain, sort_keys=True))
    return read


def plain(entity: Any) -> Any:
    """Give one of MLflow's entities as what JSON can hold."""
    return dict(entity) if hasattr(entity, "__iter__") else str(entity)


def traces_of_runs(client: MlflowClient, ids: list[str], runs: Iterable[Any]) -> list[Any]:
    (parent,) = (run.info.run_id for run in runs if run.info.run_name == "parent")
    return list(client.search_traces(locations=ids, run_id=parent))


def linked(client: MlflowClient, found: Any) -> list[str]:
    """The models that a run has read and written, of which only a question for one run tells."""
    run: Any = client.get_run(found.info.run_id)
    return [each.model_id for each in (*run.inputs.model_inputs, *run.outputs.model_outputs)]


def history(client: MlflowClient, run: Any, key: str) -> list[Any]:
    return sorted(client.get_metric_history(run.info.run_id, key), key=lambda metric: metric.step)


def by_name(runs: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {run["info"]["run_name"]: run for run in runs}
