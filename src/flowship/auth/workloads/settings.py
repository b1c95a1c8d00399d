"""What a worker has to know of trusted issuers, from the values; the server is told it as JSON."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

from flowship.errors import MissingExtraError

if TYPE_CHECKING:
    from flowship.values.model.root import Values

KEY = "oidcAuth.workloads"
"""Where the values have them."""


class Source(NamedTuple):
    """Says whose keys are asked for, and where: entries that agree in it share the keys."""

    issuer: str
    ca: str
    """Certificates in PEM; those of the system when empty."""
    jwks: str
    """The keys themselves, as JSON; empty where they are in a file or asked for."""
    file: str
    """The file that holds them; empty where they are given or asked for."""


class WorkloadSettings(BaseModel):
    """Says which tokens of an issuer name which user, and what that user may do by them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    """Where the values have it, for the log."""
    source: Source
    audience: str
    claims: dict[str, tuple[str, ...]]
    """For each claim, the texts of which it must be one."""
    user: str
    read_only: bool = False


def workload_settings(values: Values) -> tuple[WorkloadSettings, ...]:
    """Make the settings for values that are not refused.

    Raises:
        MissingExtraError: what verifies tokens is not installed.
    """
    found = values.oidcAuth.workloads
    if found and importlib.util.find_spec("joserfc") is None:
        raise MissingExtraError(key=KEY, extra="oidc")
    return tuple(
        WorkloadSettings(
            place=f"{KEY}[{number}]",
            source=Source(
                each.issuer, each.issuerCA, json.dumps(each.jwks, sort_keys=True) if each.jwks else "", each.jwksFile
            ),
            audience=each.audience,
            claims={name: (said,) if isinstance(said, str) else tuple(said) for name, said in each.claims.items()},
            user=each.user,
            read_only=each.readOnly,
        )
        for number, each in enumerate(found)
    )
