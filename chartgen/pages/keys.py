"""docs/reference/keys.md: every key of the values, by subject, each with an anchor, its default and an example."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from chartgen.examples import examples
from chartgen.generating import default, described, text, values_schema
from chartgen.pages.markdown import page, prose
from flowship.values.model.fields.section import ClusterOnly
from flowship.values.model.keys import lookup
from flowship.values.model.root import Values
from flowship.values.model.variables import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from flowship.values.model.fields.section import Section

KINDS = {"object": "map", "array": "list", "string": "text", "integer": "number", "boolean": "true or false"}
SUBJECTS = {
    "Where data is kept": ("backendStore", "artifactRoot", "persistence", "postgresql", "mysql", "moving"),
    "Who may use it": (
        *("auth", "ldapAuth", "oidcAuth", "sessions", "tokens", "assistant"),
        *("flaskServerSecretKey", "existingFlaskSecret", "encryption"),
    ),
    "How it is reached": (
        *("allowedHosts", "corsAllowedOrigins", "trustedProxies", "service", "ingress", "httpRoute", "tls"),
        "networkPolicy",
    ),
    "How it serves": (
        *("server", "extraArgs", "extraFlags", "extraEnvVars", "extraSecretNamesForEnvFrom", "log", "telemetry"),
        *("replicaCount", "autoscaling"),
    ),
    "Backups, garbage and monitoring": ("backup", "gc", "serviceMonitor", "metrics", "prometheusRule", "helmTest"),
}
OTHERS = "Pods and other objects of Kubernetes"
"""The subject of all other keys."""


def keys_page() -> str:
    """The whole page."""
    sections = {key: (field, inner) for key, field, inner in described(Values)}
    named = {key for keys in SUBJECTS.values() for key in keys}
    subjects = {**SUBJECTS, OTHERS: tuple(key for key in sections if key not in named)}
    parts = [f"# Every key of the values\n\n{HEAD}"]
    for subject, keys in subjects.items():
        parts.append(f"## {subject}\n")
        parts += [part for key in keys if key in sections for part in _entries(key, *sections[key], depth=3)]
    return page("\n".join(parts))


MARK = "Kubernetes"
HEAD = f"""How they are read, and from where, is in [Values](values.md). Each example shows where a key stands; it is no
advice to set it. Keys marked "{MARK}" mean nothing on a laptop, and are named once as unused there.
"""


def _entries(
    key: str, field: FieldInfo, inner: type[Section] | None, depth: int, *, above: bool = False
) -> Iterator[str]:
    """A key's part of the page; of a section, with all that is in it, for which its mark stands too."""
    title = f"{'#' * depth} {key}\n"
    marked = above or any(isinstance(mark, ClusterOnly) for mark in field.metadata)
    if inner is None:
        yield f"{title}\n{_facts(key, field, marked)}\n\n{prose(text(field, None))}\n{_example(key, field)}"
        return
    facts = f"*{MARK}*\n\n" if marked else ""
    yield f"{title}\n{facts}{prose(text(field, inner))}\n"
    for name, below, section in described(inner):
        yield from _entries(f"{key}.{name}", below, section, depth=4, above=marked)


def _facts(key: str, field: FieldInfo, marked: bool) -> str:
    facts = [kind(key), f"default {_code(default(field))}"]
    facts += [f"variable `{each.name}`" for each in VARIABLES if each.key == key]
    return "*" + ", ".join([*facts, MARK] if marked else facts) + "*"


def kind(key: str) -> str:
    """What a key may hold, in words."""
    schema = _schema(key)
    if "enum" in schema:
        return "one of " + ", ".join(map(_code, schema["enum"]))
    if "const" in schema:
        return f"`{schema['const']}`"
    kinds = [schema] if "type" in schema else schema.get("anyOf", [])
    found = " or ".join(KINDS.get(each["type"], each["type"]) for each in kinds)
    bounds = [f"{word} {schema[name]}" for word, name in (("from", "minimum"), ("to", "maximum")) if name in schema]
    return " ".join([found, *bounds])


@cache
def _whole_schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(values_schema())
    return found


def _schema(key: str) -> dict[str, Any]:
    found = _whole_schema()
    for part in key.split("."):
        found = found["properties"][part]
    return found


def _code(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def example(key: str, field: FieldInfo) -> Any:
    """What the page shows of a key: what `examples.yaml` has, else what is not the default of a switch or a choice,
    else the default; None where there is nothing to show."""
    written = lookup(examples(), key)
    if written is not None:
        return written
    usual = default(field)
    if isinstance(usual, bool):
        return not usual
    choices = [each for each in _schema(key).get("enum", []) if each not in (usual, "")]
    return choices[0] if choices else usual if usual != "" else None


def _example(key: str, field: FieldInfo) -> str:
    shown = example(key, field)
    if shown is None:
        return ""
    for part in reversed(key.split(".")):
        shown = {part: shown}
    written = yaml.dump(shown, Dumper=_Indenting, sort_keys=False, allow_unicode=True, width=100)
    return f"\n```yaml\n{written}```\n"


class _Indenting(yaml.SafeDumper):
    """Indents lists, as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)
