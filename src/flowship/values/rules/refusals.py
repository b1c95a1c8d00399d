"""Findings as sentences: what was found at which key, and what to write instead.

Pydantic's own words show the input, which may be a password; these never do.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from flowship.near import did_you_mean
from flowship.values.model.finding import Finding
from flowship.values.model.keys import chart_keys, choices, dotted, kind_at, kinds_along, lists_of, lookup, split
from flowship.values.model.root import Values
from flowship.values.model.unknown_keys import unknown
from flowship.values.model.variables import named_secrets, replaced
from flowship.values.rules.all_rules import RULES
from flowship.values.rules.language.rule import SECRETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import ErrorDetails

    from flowship.values.model.provenance import Path
    from flowship.values.rules.language.rule import Rule

_WANTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
    "list_type": "a list",
}

QUOTES = " Put it in quotes."
NUL = "holds a NUL character, which no program can be given. Remove it."


def judged(
    resolved: Mapping[str, Any], written: Mapping[str, Any], *, in_a_pod: bool = False, here: bool = False
) -> tuple[Values | None, list[Finding]]:
    """Judge values: give the typed ones, None if a type is wrong, and all that is wrong, both with what the
    environment made of the values and with what was written.

    In a pod, rules about keys that only the chart reads are left to the chart; where the values run `here`, on a
    person's machine, those about what a pod would find do not count.
    """
    values, mistyped = _typed(resolved)
    paths = {path for finding in mistyped for path in finding.paths}
    data = _without_secrets(resolved) if in_a_pod else resolved
    return values, [*mistyped, *_unfit(resolved, (), paths), *_all_broken(data, written, paths, in_a_pod, here)]


def _without_secrets(resolved: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the values as rules see them in a pod: its Secrets are in the environment already, so nothing that is
    missing can still come from them."""
    for secret in named_secrets(resolved):
        resolved = replaced(resolved, f"{secret.key}.name", "")
    return {**resolved, SECRETS: []}


def _all_broken(
    resolved: Mapping[str, Any], written: Mapping[str, Any], paths: set[Path], in_a_pod: bool, here: bool
) -> Iterator[Finding]:
    unseen = chart_keys() if in_a_pod else set()
    for rule in RULES:
        if unseen.isdisjoint(rule.when.keys) and not (here and rule.in_pods):
            yield from _broken(rule, resolved, written, paths)


def _broken(
    rule: Rule, resolved: Mapping[str, Any], written: Mapping[str, Any], mistyped: set[Path]
) -> Iterator[Finding]:
    """Make a finding of the rule if it is broken; one that depends on a mistyped key waits until that is mended."""
    data = written if rule.about_files else resolved
    if rule.when.holds(data) and not any(_starts(key, mistyped) for key in rule.when.keys):
        keys = sorted(rule.keys, key=lambda key: not lookup(data, key))
        yield Finding(rule.told(data), tuple(_written(key, data) for key in keys))


def _starts(key: str, paths: set[Path]) -> bool:
    parts = split(key)
    return any(parts[:length] in paths for length in range(1, len(parts) + 1))


def _written(key: str, data: Mapping[str, Any]) -> Path:
    """Give the key as the user spelt it: names of variables may be in any case."""
    section, _, name = key.partition(".")
    if section == "extraEnvVars" and isinstance(data.get(section), dict):
        name = next((each for each in data[section] if str(each).upper() == name), name)
        return section, name
    return split(key)


def _typed(data: Mapping[str, Any]) -> tuple[Values | None, list[Finding]]:
    try:
        return Values.model_validate(data), []
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=True)
    return None, [
        Finding(f"{dotted(path)}: {_problem(list(same), path, data)}", (path,))
        for path, same in groupby(details, _path)
    ]


def _path(detail: ErrorDetails) -> Path:
    """Tell where the problem is: without the marks that pydantic adds for a map's key and for each type of a union."""
    return detail["loc"][: len(list(kinds_along(detail["loc"])))]


def _problem(details: list[ErrorDetails], path: Path, data: Mapping[str, Any]) -> str:
    detail = details[0]
    kind, context = detail["type"], detail.get("ctx", {})
    is_key = detail["loc"] == (*path, "[key]")
    if kind == "shape":
        return f"{context['reason']}"
    if kind == "extra_forbidden" or is_key:
        return unknown(path)
    if kind == "missing":
        return "is missing. Every item needs one."
    if kind == "literal_error":
        words = choices(kind_at(path))
        one_of = "one of " if len(words) > 1 else ""
        return f"must be {one_of}{lists_of(list(map(repr, words)), 'or')}.{did_you_mean(_at(data, path), words)}"
    for bound, name in {"at least": "ge", "at most": "le"}.items():
        if name in context:
            return f"must be {bound} {context[name]}."
    wanted = [_WANTED[each["type"]] for each in details if each["type"] in _WANTED]
    return _wrong_type(wanted, _at(data, path)) if wanted else "is not what is wanted here."


def _wrong_type(wanted: list[str], found: Any) -> str:
    names = list(dict.fromkeys(wanted))
    if "a number" in names:
        names.remove("a whole number")
    if "true or false" in names and len(names) > 1:
        names.remove("true or false")
        return f"must be {', '.join(names)}, true or false, not {_name(found)}.{_advice(names, found)}"
    return f"must be {lists_of(names, 'or')}, not {_name(found)}.{_advice(names, found)}"


def _name(found: Any) -> str:
    if isinstance(found, bool):
        return "true or false"
    if isinstance(found, float):
        return "one so large" if found.is_integer() else "one with a fraction"
    return {int: "a number", str: "text", dict: "a map", list: "a list"}.get(type(found), "null")


def _advice(wanted: list[str], found: Any) -> str:
    if "text" in wanted and isinstance(found, bool | int | float):
        return QUOTES
    if found is None:
        return " Write one, or remove the key."
    plain = found.strip() if isinstance(found, str) else ""
    if ("true or false" in wanted and plain in ("true", "false")) or ("a whole number" in wanted and plain.isdecimal()):
        return " Remove the quotes."
    return ""


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _unfit(data: Any, path: Path, mistyped: set[Path]) -> Iterator[Finding]:
    """Text that no program can be given, in an argument, a variable or a file."""
    if path in mistyped:
        return  # below the key of a secret, even the name of a key may be one
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            if isinstance(key, str):
                yield from _unfit_text(key, (*path, key))
            yield from _unfit(value, (*path, key), mistyped)
    elif isinstance(data, str):
        yield from _unfit_text(data, path)


def _unfit_text(text: str, path: Path) -> Iterator[Finding]:
    if "\0" in text:
        yield Finding(f"{dotted(path)}: {NUL}", (path,))
    try:
        text.encode()
    except UnicodeEncodeError:
        yield Finding(f"{dotted(path)}: holds bytes that are not text. Write it in UTF-8.", (path,))
