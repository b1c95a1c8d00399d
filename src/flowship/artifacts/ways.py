"""The ways that artifacts take between clients and the store, as a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.artifacts.endpoint import endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.artifacts.location import ArtifactLocation
    from flowship.values.model.storage.stores import DirectTransfer

LARGE = "500 MB"
"""From which size on a client sends a file in parts, unless it is told otherwise."""

_PROXIED: Mapping[DirectTransfer, str] = {
    "none": "send and fetch all files through the server",
    "downloads": "send files through the server, and fetch them from {store} by addresses that it signs",
    "uploads": "send files of {large} and more to {store} by addresses that the server signs, and all others, both "
    "ways, through the server",
    "both": "send files of {large} and more to {store}, and fetch all files from there, by addresses that the server "
    "signs",
    "only": "send all files to {store}, and fetch them from there, by addresses that the server signs; clients before "
    "MLflow 3.18 can send none below {large}",
}


def ways(location: ArtifactLocation, direct: DirectTransfer, environ: Mapping[str, str]) -> str:
    """Tell which ways MLflow's own clients will take."""
    store = endpoint(location, environ) or location.uri
    if not location.proxied:
        return f"artifacts: clients send files to {store} and fetch them there, with credentials of their own"
    return f"artifacts: clients {_PROXIED[direct].format(store=store, large=LARGE)}"
