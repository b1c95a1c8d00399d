"""From values to the place that artifacts are kept in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.values.model.root import Values
    from flowship.values.model.storage.stores import ArtifactRoot

DIRECTORY = "artifacts"
"""Under the data directory, when no object store is enabled."""


@dataclass(frozen=True)
class ArtifactLocation:
    """The root of all artifacts, and whether clients reach it through the server only."""

    uri: str
    proxied: bool
    key: str = ""
    """The section of the values that names the store; empty for the data directory."""
    old_uri: str = field(default="", compare=False)
    """The root as chart 0.16.5 made it: a slash that begins the path is part of each object's name."""


def artifact_location(values: Values, data: Path) -> ArtifactLocation:
    """Give the root that the values name. The data directory is always behind the server: a path that clients were told
    to write to would be one of their own machines."""
    root = values.artifactRoot
    if root.s3.enabled:
        return _in_store(f"s3://{root.s3.bucket}", root.s3.path, "artifactRoot.s3", root)
    if root.gcs.enabled:
        return _in_store(f"gs://{root.gcs.bucket}", root.gcs.path, "artifactRoot.gcs", root)
    if root.azureBlob.enabled:
        azure = root.azureBlob
        account = f"wasbs://{azure.container}@{azure.storageAccount}.blob.core.windows.net"
        return _in_store(account, azure.path, "artifactRoot.azureBlob", root)
    return ArtifactLocation((data.absolute() / DIRECTORY).as_uri(), proxied=True)


def _in_store(address: str, path: str, key: str, root: ArtifactRoot) -> ArtifactLocation:
    prefix = path.strip("/")
    uri = f"{address}/{prefix}" if prefix else address
    return ArtifactLocation(uri, root.proxiedArtifactStorage, key, old_uri=f"{address}/{path}")
