"""Requests that two readers could understand differently: MLflow decides by one reading, and acts by another.

Its question about permissions looks for `run_id`, then `run_uuid`, and its handler takes `runId` too; for DELETE the
one reads the query and the other the body. Such a request is refused, before either reads it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.mlflow_seams.one_reading import Asked

READS = frozenset({"GET", "HEAD"})
RUN = ("run_id", "run_uuid", "runId", "runUuid")
"""The names by which a request may say one run; MLflow's client says two of them, with the same value."""


def ambiguity(asked: Asked) -> str | None:
    """Why a request could be understood in two ways, or None."""
    if not asked.has_body or asked.body == {}:
        return None
    if asked.method in READS:
        return f"A {asked.method} request with a body is not understood. Write what it says into the query."
    if not asked.says_json:
        return f"The body of a {asked.method} request must be JSON, with Content-Type: application/json."
    if isinstance(asked.body, str):
        return "The body is a text within JSON. Send the object itself."
    return _contradiction(asked.body, asked.named) if isinstance(asked.body, dict) else None


def _contradiction(said: Mapping[str, Any], named: Mapping[str, Any]) -> str | None:
    if len({str(said[name]) for name in RUN if name in said}) > 1:
        return f"The body names more than one run, by {', '.join(name for name in RUN if name in said)}. Name one."
    for name, value in named.items():
        for key in sorted({name, _camel(name)} & said.keys()):
            if str(said[key]) != str(value):
                return f"The path and the body name different things by {key}. Write it into the path only."
    return None


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)
