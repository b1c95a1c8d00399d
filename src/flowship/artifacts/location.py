"""From values to the place that artifacts are kept in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from flowship.values.root import Values

DIRECTORY = "artifacts"
"""Under the data directory, when no object store is enabled."""


@dataclass(frozen=True)
class ArtifactLocation:
    """The root of all artifacts, and whether clients reach it through the server only."""

    uri: str
    proxied: bool
    key: str = ""
    """The section of the values that names the store; empty for the data directory."""


def artifact_location(values: Values, data: Path) -> ArtifactLocation:
    """The root that the values name. The data directory is always behind the server: a path that clients were told
    to write to would be one of their own machines."""
    root = values.artifactRoot
    proxied = root.proxiedArtifactStorage
    if root.s3.enabled:
        return ArtifactLocation(_joined(f"s3://{root.s3.bucket}", root.s3.path), proxied, "artifactRoot.s3")
    if root.gcs.enabled:
        return ArtifactLocation(_joined(f"gs://{root.gcs.bucket}", root.gcs.path), proxied, "artifactRoot.gcs")
    if root.azureBlob.enabled:
        azure = root.azureBlob
        account = f"wasbs://{azure.container}@{azure.storageAccount}.blob.core.windows.net"
        return ArtifactLocation(_joined(account, azure.path), proxied, "artifactRoot.azureBlob")
    return ArtifactLocation((data.absolute() / DIRECTORY).as_uri(), proxied=True)


def _joined(root: str, path: str) -> str:
    prefix = path.strip("/")
    return f"{root}/{prefix}" if prefix else root
