"""Environment variables of the server, given as a map or as Kubernetes' list, turned into `extraEnvVars`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flowship.importing.database import FROM_A_SECRET
from flowship.importing.draft import inside
from flowship.importing.options import VARIABLES
from flowship.values.model.variables import extra_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowship.importing.draft import Draft

_REFERENCE = re.compile(r"\$\([A-Za-z_.-][A-Za-z0-9_.-]*\)")


def of_map(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the variables of `extraEnvVars`, under the names that Kubernetes gives them."""
    given = data.get("extraEnvVars")
    given = given if isinstance(given, dict) else {}
    sources = {name.upper(): each for name, each in given.items() if _has_source(each)}
    return {**extra_variables(given), **sources}


def of_list(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the variables of `env`."""
    return dict(_named(data.get("env")))


def from_map(draft: Draft, key: str, value: Any) -> None:
    """`extraEnvVars` of the charts that have a map of that name."""
    if not isinstance(value, dict):
        draft.leave_out(key, "is not a map. Write the variables into extraEnvVars.")
        return
    for name, each in value.items():
        _variable(draft, inside(key, name), name, each)


def from_list(draft: Draft, key: str, value: Any) -> None:
    """`env`, of which the last of two with the same name counts."""
    named = dict(_named(value))
    if not isinstance(value, list) or len(named) < len(value):
        draft.leave_out(
            key, "holds something else than variables with names of their own. Write them into extraEnvVars."
        )
    for name, each in named.items():
        _variable(draft, inside(key, name), name, each)


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            source = {"valueFrom": item["valueFrom"]} if isinstance(item.get("valueFrom"), dict) else None
            yield item["name"], source or item.get("value", "")


def from_sources(draft: Draft, key: str, value: Any) -> None:
    """`envFrom`: whole Secrets and ConfigMaps."""
    names = []
    for item in value if isinstance(value, list) else [None]:
        source = item if isinstance(item, dict) else {}
        secret = source.get("secretRef")
        if isinstance(secret, dict) and isinstance(secret.get("name"), str) and not source.get("prefix"):
            names.append(secret["name"])
        else:
            draft.leave_out(key, "holds a ConfigMap, or a prefix. Write such variables one by one into extraEnvVars.")
    if names:
        draft.put(key, ("extraSecretNamesForEnvFrom",), names)


def _has_source(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("valueFrom"), dict)


def _variable(draft: Draft, key: str, name: str, value: Any) -> None:
    translation = VARIABLES.get(name.upper())
    if translation and _has_source(value):
        draft.leave_out(key, FROM_A_SECRET if name.upper() == "MLFLOW_BACKEND_STORE_URI" else _from_elsewhere(name))
    elif translation:
        translation.apply(draft, key, value)
    else:
        draft.put(key, ("extraEnvVars", name), value)
        if isinstance(value, str) and _REFERENCE.search(value):
            draft.leave_out(
                key, "holds a `$(NAME)`, which Kubernetes does not fill in here. Write out what it stands for."
            )


def _from_elsewhere(name: str) -> str:
    return f"is decided by another key, which takes no valueFrom. Write what {name.upper()} holds there."
