"""A program for MLflow 2.22.0's Python: an experiment whose run made a registered model and used a prompt."""

from __future__ import annotations

import sys
from pathlib import Path

from mlflow import MlflowClient

PROMPTS = ("Hello {{name}}", "Good day {{name}}, ärgerlich 😀")


def fill(uri: str, artifacts: Path) -> None:
    client = MlflowClient(uri, registry_uri=uri)
    experiment = client.create_experiment("churn", artifact_location="mlflow-artifacts:/1")
    run = client.create_run(experiment, run_name="old").info.run_id
    client.log_metric(run, "loss", 0.5)
    file = artifacts / "1" / run / "artifacts" / "model" / "weights.bin"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")
    client.create_registered_model("forecast", {"team": "growth"}, "How many leave. 😀")
    source = f"mlflow-artifacts:/1/{run}/artifacts/model"
    for _ in range(2):
        client.create_model_version("forecast", source, run, {"checked": "yes"}, description=f"of the run {run}")
    client.set_registered_model_alias("forecast", "champion", "1")
    client.transition_model_version_stage("forecast", "1", "Production")
    for text in PROMPTS:
        client.register_prompt("greeting", text, "wording", version_metadata={"author": "ada"}, tags={"kind": "polite"})
    client.set_prompt_alias("greeting", "live", 2)
    client.log_prompt(run, "prompts:/greeting/1")


if __name__ == "__main__":
    fill(sys.argv[1], Path(sys.argv[2]))
