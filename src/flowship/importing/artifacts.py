"""The URI of an artifact root or destination, taken apart into `artifactRoot`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from flowship.importing.draft import Draft

_AZURE = re.compile(r"([a-z0-9-]+)@([a-z0-9]+)\.blob\.core\.windows\.net")
_ON_DISK = (
    "is a directory; Flowship keeps artifacts in `artifacts` in its data directory, on the claim of persistence, or in "
    "an object store. Copy them there."
)
_UNKNOWN = (
    "is no place that Flowship keeps artifacts in. Write artifactRoot.s3, artifactRoot.gcs or artifactRoot.azureBlob."
)


def default_root(draft: Draft, key: str, uri: Any) -> None:
    """Translate the place to which clients write by themselves."""
    _place(draft, key, uri, proxied=False)


def destination(draft: Draft, key: str, uri: Any) -> None:
    """Translate the place to which the server writes what clients send to it."""
    _place(draft, key, uri, proxied=True)


def _place(draft: Draft, key: str, uri: Any, *, proxied: bool) -> None:
    if uri == "":
        return
    parts = _split(uri)
    if parts is None:
        draft.leave_out(key, _UNKNOWN)
    elif parts.scheme == "mlflow-artifacts":
        draft.put(key, ("artifactRoot", "proxiedArtifactStorage"), True)
    elif parts.scheme in ("", "file"):
        draft.leave_out(key, _ON_DISK)
    elif store := _store(parts.scheme, parts.netloc):
        for name, value in {"enabled": True, **store[1], "path": parts.path.strip("/")}.items():
            if value:
                draft.put(key, ("artifactRoot", store[0], name), value)
        draft.put(key, ("artifactRoot", "proxiedArtifactStorage"), proxied)
    else:
        draft.leave_out(key, _UNKNOWN)


def _split(uri: Any) -> Any:
    try:
        return urlsplit(str(uri))
    except ValueError:
        return None


def _store(scheme: str, place: str) -> tuple[str, dict[str, str]] | None:
    """Give the section of an object store, and what it calls the place."""
    if scheme in ("s3", "gs"):
        return {"s3": "s3", "gs": "gcs"}[scheme], {"bucket": place}
    if scheme in ("wasb", "wasbs") and (azure := _AZURE.fullmatch(place)):
        return "azureBlob", {"container": azure[1], "storageAccount": azure[2]}
    return None
