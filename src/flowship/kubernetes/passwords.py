"""The passwords of a bundled database that nobody gave: made once, kept in a Secret, and never changed.

Helm has no way to make them: what it renders is new each time, and it cannot look at the cluster in a dry run or under
Argo CD. The Secret is marked as the release's own, so that Helm can take it over once its passwords are in the values.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.errors import KubernetesError
from flowship.kubernetes.api import ConflictError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowship.kubernetes.api import Api

KEEP = {"helm.sh/resource-policy": "keep"}
"""Without the password, the data that `helm uninstall` leaves could not be read."""
BYTES = 24
"""Of chance in a password: 32 letters, digits, `-` and `_`."""
TRIES = 5
"""How often a Secret that others change at the same time is looked at anew."""


@dataclass(frozen=True)
class Wanted:
    """A Secret that must hold something under each key, and the release whose it is."""

    name: str
    keys: Sequence[str]
    release: str


def make_missing(api: Api, wanted: Wanted) -> list[str]:
    """Make the passwords that the Secret lacks; gives the keys of those that were made.

    Raises:
        KubernetesError: the API cannot be asked, or refuses.
    """
    for _ in range(TRIES):
        found = api.secret(wanted.name)
        missing = missing_keys(found, wanted.keys)
        try:
            if found is None:
                api.create_secret(new_secret(wanted, missing, api.namespace))
            elif missing or not _is_kept(found):
                api.change_secret(wanted.name, additions(found, missing))
        except ConflictError:
            continue
        return missing
    raise KubernetesError(f"The Secret {wanted.name} was changed by others at each of {TRIES} tries. Try again.")


def missing_keys(found: Mapping[str, Any] | None, keys: Sequence[str]) -> list[str]:
    """Give the keys under which there is nothing yet."""
    held = (found or {}).get("data") or {}
    return [key for key in keys if not held.get(key)]


def new_secret(wanted: Wanted, keys: Sequence[str], namespace: str) -> dict[str, Any]:
    """Give a Secret with a new password under each key."""
    owner = {"meta.helm.sh/release-name": wanted.release, "meta.helm.sh/release-namespace": namespace}
    # Without the release's own label, by which Argo CD would take it for a leftover and delete it.
    labels = {"app.kubernetes.io/managed-by": "Helm"}
    metadata = {"name": wanted.name, "labels": labels, "annotations": {**KEEP, **owner}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": _passwords(keys)}


def additions(found: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    """Give what is laid over a Secret that is there: nothing that it holds is touched, and only this version of it."""
    metadata = {"resourceVersion": found["metadata"]["resourceVersion"], "annotations": KEEP}
    return {"metadata": metadata, **({"data": _passwords(keys)} if keys else {})}


def _passwords(keys: Sequence[str]) -> dict[str, str]:
    return {key: base64.b64encode(secrets.token_urlsafe(BYTES).encode()).decode() for key in keys}


def _is_kept(found: Mapping[str, Any]) -> bool:
    return KEEP.items() <= (found["metadata"].get("annotations") or {}).items()
