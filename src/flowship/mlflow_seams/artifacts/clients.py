"""MLflow's clients of object stores, and what they would tell a store's own client."""

from __future__ import annotations

import importlib
import mimetypes
import posixpath
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["disk", "s3", "gcs", "azure"]

_CLIENTS: dict[tuple[str, str], Kind] = {
    ("local_artifact_repo", "LocalArtifactRepository"): "disk",
    ("s3_artifact_repo", "S3ArtifactRepository"): "s3",
    ("gcs_artifact_repo", "GCSArtifactRepository"): "gcs",
    ("azure_blob_artifact_repo", "AzureBlobArtifactRepository"): "azure",
}


def artifact_repository(uri: str) -> Any:
    """MLflow's client of an object store, with `list_artifacts`, `log_artifact`, `download_artifacts` and
    `delete_artifacts`."""
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    return get_artifact_repository(uri)


def kind(repository: Any) -> Kind | None:
    """Give the kind of store that this client is for; None for one of another class, also if it is derived from
    these."""
    found = type(repository)
    package, _, module = found.__module__.rpartition(".")
    return _CLIENTS.get((module, found.__name__)) if package == "mlflow.store.artifact" else None


def kind_of_uri(uri: str) -> Kind | None:
    """Give the kind of store that MLflow's client for this address is for: a plugin may have put its own in its
    place."""
    registry: Any = importlib.import_module("mlflow.store.artifact.artifact_repository_registry")
    scheme = registry.get_uri_scheme(uri)
    found = registry.get_registered_artifact_repositories().get(scheme)
    return _CLIENTS.get((found.__module__.rpartition(".")[2], found.__name__)) if isinstance(found, type) else None


@dataclass(frozen=True)
class InBucket:
    """A store's own client, as MLflow makes it, and where it finds MLflow's files."""

    client: Any
    bucket: str
    """Or container."""
    prefix: str
    timeout: float | None = None
    """Seconds for one request, where MLflow gives some."""
    options: tuple[tuple[str, Any], ...] = ()
    """What MLflow adds to each request."""

    def key(self, path: str) -> str:
        """Give the object's name."""
        return posixpath.join(self.prefix, path)


def in_s3(repository: Any) -> InBucket:
    """Give the place of an S3 client, which makes itself anew every few minutes for changed credentials."""
    bucket, prefix = repository.parse_s3_compliant_uri(repository.artifact_uri)
    options = tuple(repository._bucket_owner_params.items())
    return InBucket(repository._get_s3_client(), bucket, prefix, options=options)


def s3_upload_options(repository: Any, path: str) -> dict[str, Any]:
    """Tell what MLflow says of an object that it uploads: type and encoding by its name, and what the user adds."""
    guessed, encoding = mimetypes.guess_type(path)
    found = {"ContentType": guessed, "ContentEncoding": encoding}
    return {
        **{name: value for name, value in found.items() if value is not None},
        **(repository.get_s3_file_upload_extra_args() or {}),
    }


def in_gcs(repository: Any) -> InBucket:
    """Give the place of a client of Google Cloud Storage."""
    bucket, prefix = repository.parse_gcs_uri(repository.artifact_uri)
    return InBucket(repository.client, bucket, prefix, timeout=repository._GCS_DEFAULT_TIMEOUT)


def in_azure(repository: Any) -> InBucket:
    """Give the place of a client of Azure Blob Storage."""
    container, _, prefix, _ = repository.parse_wasbs_uri(repository.artifact_uri)
    return InBucket(repository.client, container, prefix, timeout=repository.write_timeout)


class Staged:
    """A file on disk that is written under another name beside its own, and then takes that."""

    def __init__(self, repository: Any, path: str) -> None:
        folder, _, name = path.rpartition("/")
        self._repository = repository
        self.descriptor, self._temporary, self._path = repository._create_staging_artifact(name, folder or None)

    def publish(self) -> None:
        """Give the file its name; it must be closed."""
        module: Any = importlib.import_module("mlflow.store.artifact.local_artifact_repo")
        self._repository._publish_staged_artifact(self._temporary, self._path, module._set_default_file_mode)

    def discard(self) -> None:
        """Remove the file; it must be closed."""
        self._repository._cleanup_staged_artifact(self._temporary)
