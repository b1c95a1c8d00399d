"""Tries an artifact store with the client that MLflow itself uses: writes, lists, reads and deletes a small object."""

from __future__ import annotations

import secrets
import tempfile
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowship.artifacts.location import ArtifactLocation

LIMIT = 60.0
"""Seconds until a store that does not answer is given up; clients retry longer than that by themselves."""

_ADVICE = {
    "NoSuchBucket": "it does not exist; create it, or correct its name",
    "bucket does not exist": "it does not exist; create it, or correct its name",
    "ContainerNotFound": "it does not exist; create it, or correct its name",
    "InvalidAccessKeyId": "the access key id is not known there",
    "SignatureDoesNotMatch": "the secret access key is wrong",
    "AccessDenied": "these credentials may not do that",
    "AuthenticationFailed": "the access key is wrong",
    "AuthorizationFailure": "these credentials may not do that",
    "Forbidden": "these credentials may not do that",
    "Unable to locate credentials": "no credentials were found; give both keys, or run where a role is lent",
    "default credentials were not found": "no credentials were found; set GOOGLE_APPLICATION_CREDENTIALS",
    "Could not connect to the endpoint": "nothing answers there; see extraEnvVars.MLFLOW_S3_ENDPOINT_URL",
    "Failed to resolve": "the store's host name is not known",
    "Name or service not known": "the store's host name is not known",
}


def failure(location: ArtifactLocation) -> str | None:
    """Why the store cannot be used, as a sentence, or None when all four steps worked."""
    outcome: list[str | None] = []
    thread = threading.Thread(target=lambda: outcome.append(_try(location)), name="flowship-store-trial", daemon=True)
    thread.start()
    thread.join(LIMIT)
    return outcome[0] if outcome else f"{_name(location)} did not answer within {LIMIT:.0f} s."


def _try(location: ArtifactLocation) -> str | None:
    step = "reaching"
    try:
        with warnings.catch_warnings(), tempfile.TemporaryDirectory() as directory:
            warnings.simplefilter("ignore")  # MLflow's and the clients' own, which a user cannot act on
            from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

            repository = get_artifact_repository(location.uri)
            name = f"flowship-check-{secrets.token_hex(8)}"
            file = Path(directory) / "small.txt"
            file.write_text(name)
            step = "writing to"
            repository.log_artifact(str(file), name)
            step = "reading from"
            read = Path(repository.download_artifacts(f"{name}/small.txt")).read_text()
            if read != name:
                return f"{_name(location)} gave back other content than was written."
            step = "deleting from"
            repository.delete_artifacts(name)
    except Exception as error:  # whatever a store's client raises is the answer
        return f"{step} {_name(location)} failed: {_explained(error)}."
    return None


def _name(location: ArtifactLocation) -> str:
    return f"{location.key} ({location.uri})" if location.key else location.uri


def _explained(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}"
    advice = next((advice for word, advice in _ADVICE.items() if word in text), None)
    said = " ".join(str(error).split())[:300]
    return f"{advice} ({said})" if advice else said or type(error).__name__
