"""What a user does, with the stock MLflow client: `client.py write`, and after a restart `client.py read`.

The server is the one that MLFLOW_TRACKING_URI names.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import mlflow

EXPERIMENT = "image"
ARTIFACT = "small ü.txt"
TEXT = "written before the restart\n"
MODEL = "image-model"


def write() -> None:
    """Log a run with a parameter, a metric and an artifact, and register a model with it."""
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as directory:
        mlflow.log_param("rate", 0.1)
        for step in range(10):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        file = Path(directory) / ARTIFACT
        file.write_text(TEXT)
        mlflow.log_artifact(str(file))
        client = mlflow.MlflowClient()
        client.create_registered_model(MODEL)
        client.create_model_version(MODEL, source=f"runs:/{run.info.run_id}/model", run_id=run.info.run_id)


def read() -> None:
    """Find all of it again."""
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.data.params == {"rate": "0.1"}
    losses = client.get_metric_history(run.info.run_id, "loss")
    assert [point.value for point in losses] == [1 / (step + 1) for step in range(10)]
    assert Path(client.download_artifacts(run.info.run_id, ARTIFACT)).read_text() == TEXT
    assert client.get_model_version(MODEL, "1").run_id == run.info.run_id


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]]()
    sys.stdout.write(f"{sys.argv[1]}: all of it\n")
