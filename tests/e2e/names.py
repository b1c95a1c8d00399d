"""The number of the experiment and the name of the run that `image/client.py` made; MLflow chooses both."""

from __future__ import annotations

import mlflow

experiment = mlflow.get_experiment_by_name("image")
assert experiment is not None
(run,) = mlflow.MlflowClient().search_runs([experiment.experiment_id])
print(experiment.experiment_id, run.info.run_name)  # noqa: T201 - read by the test
