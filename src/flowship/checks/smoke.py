"""What a user does, in small, against a server that runs: `helm test` and `flowship smoke-test` log a run with it.

It uses MLflow's own client, with the credentials that the environment holds, so it takes the same way as a user's runs.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from flowship.errors import ServerError
from flowship.until import until
from flowship.values.model.signing_in import admin, method

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlflow.entities import Run

    from flowship.values.model.root import Values

EXPERIMENT = "flowship-smoke-test"
ARTIFACT = "note.txt"
TEXT = "logged by flowship smoke-test\n"

LOGIN = USER, PASSWORD = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")

PAUSE = 0.5
"""Seconds between two questions whether the server is ready."""
ANSWER_LIMIT = 10.0
"""Seconds that one answer may take."""


@dataclass(frozen=True)
class Login:
    """Who logs the run, and the key that says so; without a name nobody can, for what `key` says."""

    name: str
    password: str
    key: str

    @property
    def known(self) -> bool:
        return bool(self.name)


def login(values: Values, environ: Mapping[str, str]) -> Login | None:
    """Choose whose credentials to use: those of the environment, or the admin's. None if nobody is asked for any."""
    if method(values) == "none":
        return None
    if environ.get(USER):
        return Login(environ[USER], environ.get(PASSWORD, ""), "helmTest.existingSecret")
    if found := admin(values):
        return Login(found.name, found.password, "auth.adminPassword")
    return Login("", "", "helmTest.existingSecret")


def require_ready(uri: str, timeout: float) -> None:
    """Wait until the server says that it is ready.

    Raises:
        ServerError: it does not, within the time.
    """
    said: int | None = None

    def ready() -> bool:
        nonlocal said
        said = _status(f"{uri}/ready")
        return said == HTTPStatus.OK

    if not until(ready, every=PAUSE, limit=timeout):
        raise ServerError(f"{uri}/ready answered {said or 'nothing'} for {timeout:.0f} s. Read the server's log.")


def require_login(uri: str) -> None:
    """Check that the server answers nobody without a login.

    Raises:
        ServerError: it does.
    """
    said = _status(f"{uri}/api/2.0/mlflow/experiments/search?max_results=1")
    if said != HTTPStatus.UNAUTHORIZED:
        raise ServerError(f"{uri} answered {said or 'nothing'} to a request without a login, instead of 401.")


def _status(address: str) -> int | None:
    import requests

    insecure = os.environ.get("MLFLOW_TRACKING_INSECURE_TLS") == "true"
    try:
        return requests.get(address, timeout=ANSWER_LIMIT, verify=not insecure).status_code
    except requests.RequestException:
        return None


def log_and_delete(uri: str, who: Login | None, report: Callable[[str], None]) -> None:
    """Log a run with an artifact, read both back, and delete them.

    Raises:
        ServerError: the server, or the store behind it, refuses a step.
    """
    import mlflow
    from mlflow.exceptions import MlflowException

    if who:
        os.environ.update({USER: who.name, PASSWORD: who.password})
    mlflow.set_tracking_uri(uri)
    try:
        run = _logged()
        report(f"logged run {run.info.run_id} with a parameter, a metric and an artifact")
        _read(run)
        report("read them back")
        _deleted(run)
        report(f"deleted them; MLflow keeps the deleted run of experiment {EXPERIMENT} until mlflow gc")
    except MlflowException as error:
        raise ServerError(_refused(error, who)) from error
    except OSError as error:
        raise ServerError(f"The store of artifacts cannot be used: {error}") from error


def _logged() -> Run:
    import mlflow

    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as directory:
        mlflow.log_param("by", "flowship")
        mlflow.log_metric("answer", 42.0)
        file = Path(directory) / ARTIFACT
        file.write_text(TEXT)
        mlflow.log_artifact(str(file))
    return run


def _read(run: Run) -> None:
    import mlflow

    client = mlflow.MlflowClient()
    found = client.get_run(run.info.run_id).data
    with tempfile.TemporaryDirectory() as directory:
        text = Path(client.download_artifacts(run.info.run_id, ARTIFACT, directory)).read_text()
    if (found.params, found.metrics, text) != ({"by": "flowship"}, {"answer": 42.0}, TEXT):
        raise ServerError(f"Run {run.info.run_id} does not hold what was logged. Read the server's log.")


def _deleted(run: Run) -> None:
    import mlflow
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    get_artifact_repository(run.info.artifact_uri).delete_artifacts(ARTIFACT)
    mlflow.MlflowClient().delete_run(run.info.run_id)


def _refused(error: Exception, who: Login | None) -> str:
    if who and "401" in str(error):
        return (
            f"The server refuses the login of {who.name}, from {who.key}. If the password was changed in MLflow, "
            "name a Secret with one that works in helmTest.existingSecret."
        )
    return f"The server refuses: {error}"
