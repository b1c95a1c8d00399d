"""Deletes two runs, of which one is registered, and says later what is left of them: run in the client's pod.

    collecting.py write             prints their ids
    collecting.py read IDS          prints the state of each, and what its file says

The server is the one that MLFLOW_TRACKING_URI names.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import mlflow
from mlflow.exceptions import MlflowException

KEPT, GONE = "registered", "forgotten"
FILE = "notes.txt"

client = mlflow.MlflowClient()


def write() -> dict[str, str]:
    """Log two runs with a file each, register one of them, and delete both; gives their ids."""
    mlflow.set_experiment("garbage")
    found = {}
    for name in (KEPT, GONE):
        with mlflow.start_run(run_name=name) as run:
            mlflow.log_text(name, FILE)
        found[name] = run.info.run_id
    client.create_registered_model(KEPT)
    client.create_model_version(KEPT, source=f"runs:/{found[KEPT]}/{FILE}", run_id=found[KEPT])
    for run_id in found.values():
        client.delete_run(run_id)
    return found


def read(run_ids: dict[str, str]) -> dict[str, str]:
    """Tell what is left of each."""
    return {name: _left(run_id) for name, run_id in run_ids.items()}


def _left(run_id: str) -> str:
    try:
        stage = client.get_run(run_id).info.lifecycle_stage
    except MlflowException as error:
        return str(error.error_code)
    text = Path(client.download_artifacts(run_id, FILE)).read_text()
    return f"{stage}, with {text}"


if __name__ == "__main__":
    said = write() if sys.argv[1] == "write" else read(json.loads(sys.argv[2]))
    sys.stdout.write(json.dumps(said) + "\n")
