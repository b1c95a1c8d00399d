"""Conditions on the items of lists; see `conditions`. A template looks at them as JSON, since it has no loop inside an
expression: a quote inside a text of JSON has a backslash before it, so names are found and not texts."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.values.model.keys import lookup
from flowship.values.rules.conditions import expression

if TYPE_CHECKING:
    from collections.abc import Mapping


def _items(values: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = lookup(values, key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


@dataclass(frozen=True)
class ItemHas:
    """An item of the list is a map in which this name has a text that the pattern matches as a whole, in JSON."""

    key: str
    name: str
    pattern: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        texts = [item.get(self.name) for item in _items(values, self.key)]
        return any(isinstance(text, str) and re.fullmatch(self.pattern, _in_json(text)) for text in texts)

    def template(self) -> str:
        return f'(regexMatch `"{self.name}":"({self.pattern})"` (toJson {expression(self.key)}))'


@dataclass(frozen=True)
class ItemIsEmpty:
    """An item of the list is a map in which this name has an empty text."""

    key: str
    name: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(item.get(self.name) == "" for item in _items(values, self.key))

    def template(self) -> str:
        return f'(contains `"{self.name}":""` (toJson {expression(self.key)}))'


@dataclass(frozen=True)
class ItemWithout:
    """An item of the list is a map in which this name does not have this text."""

    key: str
    name: str
    text: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(item.get(self.name) != self.text for item in _items(values, self.key))

    def template(self) -> str:
        items = f"({expression(self.key)} | default list)"
        return f'(gt (len {items}) (len (regexFindAll `"{self.name}":"{self.text}"` (toJson {items}) -1)))'


@dataclass(frozen=True)
class ItemHolds:
    """An item of the list is a map that has a map or a list at this name."""

    key: str
    name: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(isinstance(item.get(self.name), dict | list) for item in _items(values, self.key))

    def template(self) -> str:
        return f'(regexMatch `"{self.name}":[{{\\[]` (toJson {expression(self.key)}))'


@dataclass(frozen=True)
class OnMount:
    """The path at the key is where one of these mounts is, or below it."""

    key: str
    other: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        path = _clean(lookup(values, self.key))
        mounts = [_clean(item.get("mountPath")) for item in _items(values, self.other)]
        return any(f"{path}/".startswith(f"{mount.rstrip('/')}/") for mount in mounts)

    def template(self) -> str:
        return f'(include "mlflow.onMount" (list {expression(self.key)} {expression(self.other)}))'


ON_MOUNT = """\
{{- define "mlflow.onMount" -}}
{{- $path := first . | toString | clean }}
{{- $on := false }}
{{- range last . }}
{{- $on = or $on (hasPrefix (clean (toString .mountPath) | trimSuffix "/" | printf "%s/") (printf "%s/" $path)) }}
{{- end }}
{{- ternary "true" "" $on }}
{{- end }}
"""
"""The named template that looks for the mounts of `OnMount`."""


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _clean(path: Any) -> str:
    """A path as Go's `path.Clean` writes it, which leaves one slash of two at the beginning."""
    return re.sub("^//", "/", posixpath.normpath(path)) if isinstance(path, str) else "<nil>"
