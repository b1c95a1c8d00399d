"""Tries an artifact store with the client that MLflow itself uses: writes, lists, reads and deletes a small object.

The trial is a process of its own: some clients retry for minutes, or keep a thread that the program cannot end
without, and no setting of theirs stops them.

    python -m flowship.checks.artifacts    reads a location as JSON from standard input, prints the outcome as JSON
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flowship.artifacts.endpoint import distrusted, unreachable
from flowship.artifacts.location import ArtifactLocation
from flowship.artifacts.store_errors import explained, silence

LIMIT = 15.0
"""Seconds until a store that does not answer is given up."""
IMPORT_LIMIT = 120.0
"""Seconds for importing MLflow, which depends on this machine and not on the store."""

CLIENT_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "1",
    "GCE_METADATA_DETECT_RETRIES": "1",
    "GCE_METADATA_TIMEOUT": "2",
}
"""A trial is not to be reported, and wants the client's first answer, since only that comes before the limit."""

REGISTRY = "mlflow.store.artifact.artifact_repository_registry"
FILE = "small.txt"


def failure(location: ArtifactLocation, limit: float = LIMIT) -> str | None:
    """Say why the store cannot be used by this process's environment, as a sentence, or None when all steps worked."""
    if cause := unreachable(location):
        return f"{_name(location)} cannot be reached: {cause}."
    command = [sys.executable, "-P", "-m", __name__ if __name__ != "__main__" else "flowship.checks.artifacts"]
    try:
        done = subprocess.run(
            command,
            env={**CLIENT_SETTINGS, **os.environ},
            input=json.dumps([asdict(location), limit]),
            capture_output=True,
            text=True,
            timeout=IMPORT_LIMIT + limit,
            check=True,
        )
        outcome: str | None = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, IndexError, ValueError) as error:
        return f"{_name(location)} could not be tried: {explained(error, location)}."
    return outcome


@dataclass
class _Trial:
    """The steps, in a thread that may be left behind; what they came to is seen from outside."""

    location: ArtifactLocation
    object: str = field(default_factory=lambda: f"flowship-check-{secrets.token_hex(8)}")
    step: str = "reaching"
    written: bool = False
    outcome: str | None = None

    def outcome_within(self, limit: float) -> str | None:
        thread = threading.Thread(target=self._run, name="flowship-store-trial", daemon=True)
        thread.start()
        thread.join(limit)
        if not thread.is_alive():
            return self.outcome
        return self._sentence(distrusted(self.location) or silence(self.location, limit))

    def _run(self) -> None:
        try:
            with tempfile.TemporaryDirectory() as directory:
                self.outcome = self._steps(Path(directory))
        except Exception as error:  # whatever a store's client raises is the answer
            self.outcome = self._sentence(explained(error, self.location))

    def _steps(self, directory: Path) -> str | None:
        repository = importlib.import_module(REGISTRY).get_artifact_repository(self.location.uri)
        file = directory / FILE
        file.write_text(self.object)
        self.step = "writing to"
        repository.log_artifact(str(file), self.object)
        self.written = True
        try:
            self.step = "reading from"
            read = Path(repository.download_artifacts(f"{self.object}/{FILE}", str(directory))).read_text()
        except Exception:
            with contextlib.suppress(Exception):  # the first failure is the one to tell
                self._delete(repository)
            raise
        self.step = "deleting from"
        self._delete(repository)
        return None if read == self.object else f"{_name(self.location)} gave back other content than was written."

    def _delete(self, repository: Any) -> None:
        repository.delete_artifacts(self.object)
        self.written = False

    def _sentence(self, cause: str) -> str:
        left = f"; the small object {self.object}/{FILE} may be left there" if self.written else ""
        return f"{self.step} {_name(self.location)} failed: {cause}{left}."


def _name(location: ArtifactLocation) -> str:
    return f"{location.key} ({location.uri})" if location.key else location.uri


def _main() -> None:
    fields, limit = json.load(sys.stdin)
    warnings.simplefilter("ignore")  # MLflow's and the clients' own, which a user cannot act on
    importlib.import_module(REGISTRY)
    outcome = _Trial(ArtifactLocation(**fields)).outcome_within(limit)
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()
    os._exit(0)  # a client's thread may still wait for the store


if __name__ == "__main__":
    _main()
