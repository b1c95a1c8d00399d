"""Findings as sentences: what was found at which key, and what to write instead.

Pydantic's own words show the input, which may be a password; these never do.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from flowship.values.conditions import Given
from flowship.values.conflicts import RULES
from flowship.values.root import Values
from flowship.values.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

    from flowship.values.loading import Path

MEANT = {"postgres": "postgresql"}
"""Keys that the specification's own examples misspell."""

_BRANCHES = {"str", "bool", "int", "float"}  # pydantic adds the tried type of a union to the path

_TYPES = {
    "string_type": "must be text; put it in quotes.",
    "bool_type": "must be true or false, without quotes.",
    "int_type": "must be a whole number, without quotes.",
    "int_from_float": "must be a whole number.",
    "dict_type": "must be a map of keys.",
    "model_type": "must be a map of keys.",
    "model_attributes_type": "must be a map of keys.",
    "list_type": "must be a list.",
    "missing": "is missing.",
    "finite_number": "must be a finite number.",
    "invalid_key": "has a key that is not text; put the key in quotes.",
}


def findings(written: Mapping[str, Any], resolved: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """What is wrong with the merged values: the path of the key that it is about, and a sentence.

    `written` is what the files say over the defaults, `resolved` that with what the environment adds.
    """
    yield from _mistyped(resolved)
    for rule in RULES:
        data = written if rule.about_files else resolved
        if rule.when.holds(data):
            key = next((key for key in rule.keys if Given(key).holds(data)), rule.keys[0])
            yield tuple(key.split(".")), rule.sentence


def _mistyped(data: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    try:
        Values.model_validate(data)
    except ValidationError as error:
        sentences: dict[Path, str] = {}
        for detail in error.errors(include_input=False, include_url=False, include_context=True):
            path = _path(detail)
            sentences.setdefault(path, f"{dotted(path)}: {_problem(detail, path)}")
        yield from sentences.items()


def _path(detail: ErrorDetails) -> Path:
    path = tuple(part for part in detail["loc"] if part != "[key]")
    return path[:-1] if path[-1] in _BRANCHES else path


def dotted(path: Path) -> str:
    """A path as people write it: `ingress.hosts[0].host`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def _problem(detail: ErrorDetails, path: Path) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden" or detail["loc"][-1] == "[key]":
        return _unknown(path)
    if kind in {"literal_error", "enum"}:
        return f"must be one of {context['expected']}."
    if kind.endswith("_type") and detail["loc"][-1] in _BRANCHES:
        return "must be text, a number, true or false."
    bounds = {"greater_than_equal": "ge", "less_than_equal": "le"}
    if kind in bounds:
        return f"must be {'at least' if bounds[kind] == 'ge' else 'at most'} {context[bounds[kind]]}."
    if kind == "string_pattern_mismatch":
        return f"does not have the form that is wanted ({context['pattern']})."
    return _TYPES.get(kind, "is not what is wanted here.")


def _unknown(path: Path) -> str:
    *parents, name = path
    siblings = known_keys(tuple(part for part in parents if isinstance(part, str)))
    nearest = MEANT.get(str(name), "") if not parents else ""
    close = [nearest] if nearest else get_close_matches(str(name), siblings, n=1, cutoff=0.6)
    if close:
        return f"is not a known key. Did you mean {dotted((*parents, close[0]))}?"
    elsewhere = [key for key in all_keys() if key.split(".")[-1] == name]
    if elsewhere:
        return f"is not a known key here. Did you mean {elsewhere[0]}?"
    where = dotted(tuple(parents)) or "the top level"
    return f"is not a known key. The keys of {where} are {', '.join(siblings)}."


def known_keys(parents: tuple[str, ...]) -> list[str]:
    """The keys that the section at this path may have."""
    section: Any = Values
    for part in parents:
        section = _inner(section.model_fields[_field(section, part)].annotation)
        if not _is_section(section):
            return list(get_args(get_args(section)[0])) if get_args(section) else []
    return [field.alias or name for name, field in section.model_fields.items()]


def _field(section: type[BaseModel], key: str) -> str:
    return next(name for name, field in section.model_fields.items() if (field.alias or name) == key)


def _inner(annotation: Any) -> Any:
    arguments = get_args(annotation)
    return arguments[0] if arguments and _is_section(arguments[0]) else annotation


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def all_keys(section: type[BaseModel] = Values, prefix: str = "") -> Iterator[str]:
    """Every key of the values, dotted, sections before what they hold."""
    for name, field in section.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        yield key
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            yield from all_keys(field.annotation, f"{key}.")
