"""The tree of keys: which there are, and how a path of them is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from flowship.values.model.fields.section import ClusterOnly, InVariable, Secret, Section
from flowship.values.model.root import Values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowship.values.model.provenance import Path

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = dict(zip('"\\\a\b\t\n\v\f\r', (f"\\{mark}" for mark in '"\\abtnvfr'), strict=True))


def lookup(values: Mapping[str, Any], key: str) -> Any:
    """Give the value at a dotted key, or None when it or a map above it is missing."""
    found: Any = values
    for part in key.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(part)
    return found


def dotted(path: Path) -> str:
    """Give a path as people write it: `ingress.hosts[0].host`; what is no plain name in brackets and quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if _PLAIN.fullmatch(part) else f"[{_quoted(part)}]"
    return text.removeprefix(".")


def _quoted(name: str) -> str:
    """Give a name as YAML has it in double quotes, in ASCII; the chart has the same of `%+q`."""
    return f'"{"".join(map(_escaped, name))}"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    code = ord(letter)
    if " " <= letter <= "~":
        return letter
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def split(key: str) -> Path:
    """Give the path of a key that is written with dots alone, as rules and the model have theirs."""
    return tuple(key.split("."))


def below(kind: Any, part: str | int) -> Any:
    """Tell what the model says of a key or an item of a kind; None if that kind holds none."""
    if is_section(kind):
        return next((field.annotation for name, field in fields(kind) if name == part), Any)
    if get_origin(kind) is list:
        return get_args(kind)[0]
    return get_args(kind)[1] if get_origin(kind) is dict else None


def kinds_along(path: Path) -> Iterator[Any]:
    """Give what the model says of each part of a path, as far as it says something."""
    kind: Any = Values
    for part in path:
        kind = below(kind, part)
        if kind is None:
            return
        yield kind


def kind_at(path: Path) -> Any:
    """Give what the model says of what is at a path; None if it says nothing of it."""
    found = [Values, *kinds_along(path)]
    return found[-1] if len(found) > len(path) else None


def choices(kind: Any) -> list[str]:
    """Give the words that a key of this kind may hold, if it may hold no others; true and false too."""
    if kind is bool:
        return ["true", "false"]
    if get_origin(kind) is Literal:
        return [word for word in get_args(kind) if isinstance(word, str)]
    return []


def lists_of(names: Sequence[str], last: str) -> str:
    """Names as a sentence lists them: `a, b or c`."""
    return f" {last} ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def all_keys(section: type[Section] = Values, prefix: str = "") -> Iterator[str]:
    """Every key of the values, dotted, sections before what they hold; without those that only Helm reads, as
    `global`."""
    for name, field in fields(section):
        if field.exclude:
            continue
        key = f"{prefix}{name}"
        yield key
        if is_section(field.annotation):
            yield from all_keys(field.annotation, f"{key}.")


def chart_keys(section: type[Section] = Values, prefix: str = "") -> set[str]:
    """Give the dotted keys that only the chart reads, with all below them: pods are not given these."""
    found = set()
    for name, field in fields(section):
        key = f"{prefix}{name}"
        if not read_in_pods(field):
            found |= {key, *all_keys_below(field.annotation, key)}
        elif is_section(field.annotation):
            found |= chart_keys(field.annotation, f"{key}.")
    return found


def all_keys_below(kind: Any, key: str) -> Iterator[str]:
    """Every key of a section, which stands at this one."""
    return all_keys(kind, f"{key}.") if is_section(kind) else iter(())


def read_in_pods(field: Any) -> bool:
    """Tell whether the pods find a key in the file of the values."""
    return not any(
        isinstance(mark, InVariable) or (isinstance(mark, ClusterOnly) and not mark.read_in_pods)
        for mark in field.metadata
    )


def secret_keys() -> set[str]:
    """Give the dotted keys whose values are never shown."""
    return {key for key, field in leaves() if any(isinstance(item, Secret) for item in field.metadata)}


def leaves(section: type[Section] = Values, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every dotted key that holds no section, with what the model says of it."""
    for name, field in fields(section):
        if is_section(field.annotation):
            yield from leaves(field.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", field


def is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def fields(section: type[Section]) -> Iterator[tuple[str, Any]]:
    """Give the keys of a section as they are written, with what the model says of each."""
    return ((field.alias or name, field) for name, field in section.model_fields.items())
