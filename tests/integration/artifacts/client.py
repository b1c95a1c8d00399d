"""The stock MLflow client in a process of its own, with the environment of one user, which answers while it runs.

Several calls share one process, because importing MLflow takes seconds; its clients of object stores keep the
credentials that they first saw, so two users never share one.
"""

from __future__ import annotations

import base64
import importlib
import json
import subprocess
import sys
import tempfile
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.flowship import clean
from tests.integration.servers.process import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LIMIT = 120.0
"""Seconds for one call; a client that retries for longer is ended."""

BINARY = bytes(range(256)) * 5
ARTIFACTS = {
    "notes/hello wörld.txt": "hällo".encode(),
    "tree/a.txt": b"a",
    "tree/deep/deeper/b.bin": BINARY,
}
"""What `log` logs, by its path below the run."""


class ClientError(Exception):
    """The call failed in the client's process; the message is that of its error."""


@dataclass
class Client:
    """One user's client."""

    process: subprocess.Popen[str]
    home: Path
    """Its home and working directory."""

    def log(self, experiment: str) -> dict[str, Any]:
        """Make a run with `ARTIFACTS`; gives its `id` and `uri`."""
        return dict(self._call("log", experiment))

    def read(self, run: str) -> dict[str, bytes]:
        """Every artifact of the run, found by listing and then downloaded."""
        return {path: base64.b64decode(content) for path, content in self._call("read", run).items()}

    def log_text(self, run: str, path: str, text: str) -> None:
        self._call("log_text", run, path, text)

    def delete(self, run: str, path: str) -> None:
        """Delete one artifact, or a folder of them."""
        self._call("delete", run, path)

    def _call(self, name: str, *arguments: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        guard = threading.Timer(LIMIT, self.process.kill)
        guard.start()
        try:
            self.process.stdin.write(json.dumps([name, *arguments]) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        finally:
            guard.cancel()
        if not answer:
            raise ClientError("the client's process ended")
        outcome = json.loads(answer)
        if "error" in outcome:
            raise ClientError(outcome["error"])
        return outcome["value"]


@contextmanager
def client(address: str, environ: Mapping[str, str] | None = None) -> Iterator[Client]:
    """A user of the server at this address, with nothing else in the environment than what is given."""
    with tempfile.TemporaryDirectory(prefix="flowship-client-", ignore_cleanup_errors=True) as home:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", sys.executable, "-m", __name__],
            cwd=home,
            env=clean(
                {
                    "PYTHONPATH": str(REPOSITORY),
                    "HOME": home,
                    "MLFLOW_TRACKING_URI": address,
                    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
                    **(environ or {}),
                }
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        with process:
            yield Client(process, Path(home))
            process.kill()


def _log(experiment: str) -> dict[str, str]:
    import mlflow

    mlflow.set_experiment(experiment)
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as directory:
        mlflow.log_text("hällo", "notes/hello wörld.txt")
        (Path(directory) / "deep" / "deeper").mkdir(parents=True)
        (Path(directory) / "a.txt").write_text("a")
        (Path(directory) / "deep" / "deeper" / "b.bin").write_bytes(BINARY)
        mlflow.log_artifacts(directory, "tree")
    return {"id": run.info.run_id, "uri": run.info.artifact_uri}


def _log_text(run: str, path: str, text: str) -> None:
    import mlflow

    mlflow.MlflowClient().log_text(run, text, path)


def _read(run: str) -> dict[str, str]:
    import mlflow

    client = mlflow.MlflowClient()
    with tempfile.TemporaryDirectory() as directory:
        return {
            path: base64.b64encode(Path(client.download_artifacts(run, path, directory)).read_bytes()).decode()
            for path in _listed(client, run, None)
        }


def _listed(client: Any, run: str, folder: str | None) -> Iterator[str]:
    for item in client.list_artifacts(run, folder):
        if item.is_dir:
            yield from _listed(client, run, item.path)
        else:
            yield item.path


def _delete(run: str, path: str) -> None:
    import mlflow
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    get_artifact_repository(mlflow.get_run(run).info.artifact_uri).delete_artifacts(path)


def _answer_calls() -> None:
    commands: dict[str, Callable[..., Any]] = {"log": _log, "log_text": _log_text, "read": _read, "delete": _delete}
    answers, sys.stdout = sys.stdout, sys.stderr  # MLflow prints too
    importlib.import_module("mlflow")
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            outcome = {"value": commands[name](*arguments)}
        except Exception as error:  # the caller judges it
            outcome = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(outcome) + "\n")
        answers.flush()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    _answer_calls()
