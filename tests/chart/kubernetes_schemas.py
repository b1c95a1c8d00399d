"""Is an object what Kubernetes takes? By the schemas of several versions, unknown keys refused.

Schemas of Kubernetes itself are in the package `kubernetes-validate`; those of kinds that others add, in `crds/`.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

VERSIONS = ("1.28", "1.31", "1.34", "1.37")
"""The oldest and the newest that we claim, and some between."""

CRDS = Path(__file__).parent / "crds"
CUSTOM = ("HTTPRoute", "PrometheusRule", "ServiceMonitor")

_seen: set[tuple[str, str]] = set()
"""Objects that were found right, by version: most tests render mostly the same ones."""


def findings(thing: dict[str, Any], version: str) -> list[str]:
    """What that version of Kubernetes would refuse."""
    fingerprint = json.dumps(thing, sort_keys=True)
    if (version, fingerprint) in _seen:
        return []
    validator = _custom(thing["kind"]) if thing["kind"] in CUSTOM else _built_in(thing, version)
    errors = list(validator.iter_errors(thing))
    if not errors:
        _seen.add((version, fingerprint))
    name = f"{thing['kind']} {thing['metadata']['name']}"
    return [f"{name}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors]


def _built_in(thing: dict[str, Any], version: str) -> Draft202012Validator:
    group, _, api_version = thing["apiVersion"].rpartition("/")
    prefix = f"{group.partition('.')[0]}-" if group else ""
    return _validator(version, f"{thing['kind'].lower()}-{prefix}{api_version}.json")


def _folder(version: str) -> Any:
    return importlib.resources.files("kubernetes_validate") / "kubernetes-json-schema" / f"v{version}.0-local-strict"


@functools.cache
def _registry(version: str) -> Registry[Any]:
    definitions = json.loads((_folder(version) / "_definitions.json").read_text())
    return Resource.from_contents(definitions) @ Registry()


@functools.cache
def _validator(version: str, file: str) -> Draft202012Validator:
    schema = json.loads((_folder(version) / file).read_text())
    return Draft202012Validator(schema, registry=_registry(version))


@functools.cache
def _custom(kind: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((CRDS / f"{kind.lower()}-v1.json").read_text()))
