"""Requests that two readers could understand differently: MLflow decides by one reading, and acts by another.

Its question about permissions looks for `run_id`, then `run_uuid`, and its handler takes `runId` too; for DELETE the
one reads the query and the other the body; of GET and DELETE the one believes the query, and the other the path; who
administers a role is asked by `role_id`, and another role's `role_permission_id` is changed. Such a request is refused,
before either reads it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowship.mlflow_seams.reading.one_reading import Asked

READS = frozenset({"GET", "HEAD"})
RUN = ("run_id", "run_uuid", "runId", "runUuid")
"""The names by which a request may say one run; MLflow's client says two of them, with the same value."""
IDS = ("_id", "_uuid", "Id", "Uuid")
"""How the names of fields end that hold one id, for which MLflow looks before anything has checked what it is."""
ROLE = ("role_id", "role_permission_id", "workspace")
"""The names by which a request may say which workspace's role it is about; MLflow's client and pages say one."""


def ambiguity(asked: Asked) -> str | None:
    """Say why a request could be understood in two ways, or None."""
    return _contradiction("query", asked.query, asked.named) or _of_body(asked)


def _of_body(asked: Asked) -> str | None:
    if not asked.has_body or asked.body == {}:
        return None
    if asked.method in READS:
        return f"A {asked.method} request with a body is not understood. Write what it says into the query."
    if not asked.says_json:
        return f"The body of a {asked.method} request must be JSON, with Content-Type: application/json."
    if isinstance(asked.body, str):
        return "The body is a text within JSON. Send the object itself."
    if not isinstance(asked.body, dict):
        return None
    for key, value in asked.body.items():
        if key.endswith(IDS) and isinstance(value, (list, dict)):
            return f"{key}: is a list or an object. Write one id, as a text."
    return _contradiction("body", {key: [value] for key, value in asked.body.items()}, asked.named)


def _contradiction(where: str, said: Mapping[str, Sequence[Any]], named: Mapping[str, Any]) -> str | None:
    """Tell what the query or the body says twice, or differently from the path."""
    runs = [name for name in RUN if name in said]
    if len({str(said[name]) for name in runs}) > 1:
        return f"The {where} names more than one run, by {', '.join(runs)}. Name one."
    roles = [name for name in ROLE if name in said]
    if len(roles) > 1 and roles[0] != "workspace":
        return f"The {where} says which role is meant in several ways, by {', '.join(roles)}. Write one of them."
    for name, value in named.items():
        for key in sorted({name, _camel(name)} & said.keys()):
            if any(str(each) != str(value) for each in said[key]):
                return f"The path and the {where} name different things by {key}. Write it into the path only."
    return None


def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)
