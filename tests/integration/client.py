"""The stock MLflow client as users run it: a program of its own that logs, or reads back, one of everything.

    python -m tests.integration.client log    makes a run with a metric, an artifact and a registered model
    python -m tests.integration.client read   prints them as JSON
    python -m tests.integration.client log_and_read   does both, in one process
    python -m tests.integration.client log_another   makes a run with an artifact in another experiment
    python -m tests.integration.client trace  traces in a run, assesses and tags the trace, and prints what came of it

The server and the credentials come from MLFLOW_TRACKING_*, as for any user.
"""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.flowship import clean
from tests.integration.forked import run_module

if TYPE_CHECKING:
    from collections.abc import Mapping

EXPERIMENT, MODEL, ALIAS = "first experiment", "first-model", "champion"

LOGGED: dict[str, Any] = {
    "params": {"depth": "3"},
    "metrics": {"loss": [1.0, 0.5, 0.25]},
    "artifacts": {"notes/hello.txt": "hällo"},
    "model": {"version": "1", "alias": ALIAS, "predicts": [2, 4]},
}


def as_user(command: str, address: str, environ: Mapping[str, str] | None = None) -> Any:
    """Run a command of this module as a user with this environment; gives what it printed."""
    with tempfile.TemporaryDirectory() as home:
        environment = clean({"MLFLOW_TRACKING_URI": address, "HOME": home, **(environ or {})})
        done = run_module("tests.integration.client", command, environ=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def log() -> bool:
    import mlflow

    class Double(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
        def predict(self, model_input: list[int]) -> list[int]:
            return [2 * number for number in model_input]

    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name="first"):
        mlflow.log_param("depth", 3)
        for step, loss in enumerate(LOGGED["metrics"]["loss"]):
            mlflow.log_metric("loss", loss, step=step)
        mlflow.log_text("hällo", "notes/hello.txt")
        mlflow.pyfunc.log_model(
            name="model", python_model=Double(), registered_model_name=MODEL, pip_requirements=[], input_example=[1]
        )
    mlflow.MlflowClient().set_registered_model_alias(MODEL, ALIAS, "1")
    return True


def log_another() -> bool:
    import mlflow

    mlflow.set_experiment("another experiment")
    with mlflow.start_run():
        mlflow.log_text("more", "another.txt")
    return True


def read() -> dict[str, Any]:
    import mlflow

    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name(EXPERIMENT)
    (run,) = client.search_runs([experiment.experiment_id])
    version = client.get_model_version_by_alias(MODEL, ALIAS)
    with tempfile.TemporaryDirectory() as directory:
        notes = Path(client.download_artifacts(run.info.run_id, "notes/hello.txt", directory)).read_text()
    return {
        "params": run.data.params,
        "metrics": {"loss": [metric.value for metric in client.get_metric_history(run.info.run_id, "loss")]},
        "artifacts": {"notes/hello.txt": notes},
        "model": {
            "version": str(version.version),
            "alias": ALIAS,
            "predicts": mlflow.pyfunc.load_model(f"models:/{MODEL}@{ALIAS}").predict([1, 2]),
        },
    }


def log_and_read() -> dict[str, Any]:
    log()
    return read()


def trace() -> dict[str, Any]:
    import mlflow

    with mlflow.start_run() as run, mlflow.start_span("parent"), mlflow.start_span("child"):
        pass
    mlflow.flush_trace_async_logging()
    name = mlflow.get_last_active_trace_id()
    mlflow.log_feedback(trace_id=name, name="good", value=True)
    mlflow.set_trace_tag(name, "said", "x")
    mlflow.MlflowClient().link_traces_to_run([name], run.info.run_id)
    (found,) = mlflow.search_traces(run_id=run.info.run_id, return_type="list")
    return {
        "spans": sorted(span.name for span in found.data.spans),
        "run": found.info.trace_metadata["mlflow.sourceRun"] == run.info.run_id,
        "assessments": [each.name for each in found.info.assessments],
        "tag": found.info.tags["said"],
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    commands = {"log": log, "log_and_read": log_and_read, "log_another": log_another, "read": read, "trace": trace}
    sys.stdout.write(json.dumps(commands[sys.argv[1]]()) + "\n")
