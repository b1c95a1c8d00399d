"""A small language of conditions on values, so that one rule reads the same in Python and in a Helm template.

Each condition answers two questions: does it hold for these values, and what is its Go template expression. Missing
keys count as empty in both, because templates must survive values of an older chart (`--reuse-values`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Protocol

from flowship.values.model.keys import lookup

if TYPE_CHECKING:
    from collections.abc import Mapping


class Condition(Protocol):
    """What a rule needs to know of a condition."""

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is so for these values."""

    def template(self) -> str:
        """The same as a Go template expression over `.Values`."""


def keys_of(condition: object) -> set[str]:
    """The keys that decide whether a condition holds."""
    inner = [each for value in vars(condition).values() for each in (value if isinstance(value, tuple) else (value,))]
    below = [keys_of(each) for each in inner if hasattr(each, "holds")]
    found = {value for name, value in vars(condition).items() if name in ("key", "other", "third")}
    return found.union(vars(condition).get("keys", ()), *below)


def section_variable(key: str) -> str:
    """The template variable that holds the section at a key; `generating` defines it before the rules."""
    return "$" + key.replace(".", "_")


def expression(key: str) -> str:
    """The template expression for what is at a key."""
    parent, _, last = key.rpartition(".")
    return f"{section_variable(parent) if parent else '.Values'}.{last}"


def _text(key: str) -> str:
    value = expression(key)
    return f'(ternary "" (toString {value}) (kindIs "invalid" {value}))'


@dataclass(frozen=True)
class Given:
    """The key is true, or not empty."""

    key: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        return bool(lookup(values, self.key))

    def template(self) -> str:
        return expression(self.key)


@dataclass(frozen=True)
class Not:
    """The condition does not hold."""

    condition: Condition

    def holds(self, values: Mapping[str, Any]) -> bool:
        return not self.condition.holds(values)

    def template(self) -> str:
        return f"(not {self.condition.template()})"


class All:
    """All the conditions hold."""

    def __init__(self, *conditions: Condition) -> None:
        self.conditions = conditions

    def holds(self, values: Mapping[str, Any]) -> bool:
        return all(condition.holds(values) for condition in self.conditions)

    def template(self) -> str:
        return f"(and {' '.join(condition.template() for condition in self.conditions)})"


class Some:
    """At least one of the conditions holds."""

    def __init__(self, *conditions: Condition) -> None:
        self.conditions = conditions

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(condition.holds(values) for condition in self.conditions)

    def template(self) -> str:
        return f"(or {' '.join(condition.template() for condition in self.conditions)})"


def several(keys: tuple[str, ...]) -> Condition:
    """More than one of the keys is given."""
    return Some(*(All(Given(one), Given(other)) for one, other in combinations(keys, 2)))


@dataclass(frozen=True)
class Matches:
    r"""The key's text contains a match of the pattern.

    Python and Go's `regexp` must read it alike. The end of the text is `\z`, since Python's `$` also matches before a
    last line break; letters such as `\s` mean other characters in each; and Go repeats at most 1000 times.
    """

    key: str
    pattern: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        return _search(self.pattern, _as_text(lookup(values, self.key)))

    def template(self) -> str:
        return f"(regexMatch `{self.pattern}` {_text(self.key)})"


@dataclass(frozen=True)
class LinesMatch:
    """The items of a list, each with a line break after it, contain a match of the pattern."""

    key: str
    pattern: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        found = lookup(values, self.key)
        items = found if isinstance(found, list) else []
        return _search(self.pattern, "".join(f"{item}\n" for item in items if isinstance(item, str)))

    def template(self) -> str:
        return f'(regexMatch `{self.pattern}` (join "\\n" (append ({expression(self.key)} | default list) "")))'


def _search(pattern: str, text: str) -> bool:
    # Python before 3.14 knows the upper-case letter only.
    return re.search(pattern.replace(r"\z", r"\Z"), text) is not None


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


@dataclass(frozen=True)
class MoreThan:
    """The key is a number above the limit."""

    key: str
    limit: int

    def holds(self, values: Mapping[str, Any]) -> bool:
        found = lookup(values, self.key)
        return isinstance(found, int) and found > self.limit

    def template(self) -> str:
        return f"(gt (int {expression(self.key)}) {self.limit})"


@dataclass(frozen=True)
class Exceeds:
    """The key is a larger number than the other key."""

    key: str
    other: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        found, other = lookup(values, self.key), lookup(values, self.other)
        return isinstance(found, int) and isinstance(other, int) and found > other

    def template(self) -> str:
        return f"(gt (int {expression(self.key)}) (int {expression(self.other)}))"


@dataclass(frozen=True)
class Same:
    """The key and the other have the same text, and not an empty one."""

    key: str
    other: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        found, other = (_as_text(lookup(values, key)) for key in (self.key, self.other))
        return bool(found) and found == other

    def template(self) -> str:
        return f"(and {expression(self.key)} (eq {_text(self.key)} {_text(self.other)}))"


@dataclass(frozen=True)
class Inside:
    """The address at the key lies in the place, or is it, whose address `form` makes of the texts at `keys`; the last
    of them is a path, whose outer slashes do not count."""

    key: str
    form: str
    keys: tuple[str, ...]

    def holds(self, values: Mapping[str, Any]) -> bool:
        *names, path = (_as_text(lookup(values, key)) for key in self.keys)
        place = (self.form % (*names, path.strip("/"))).removesuffix("/")
        return f"{_as_text(lookup(values, self.key)).removesuffix('/')}/".startswith(f"{place}/")

    def template(self) -> str:
        *names, path = map(_text, self.keys)
        place = f'(printf "{self.form}" {" ".join(names)} (trimAll "/" {path}))'
        inner = f'(printf "%s/" (trimSuffix "/" {_text(self.key)}))'
        return f'(hasPrefix (printf "%s/" (trimSuffix "/" {place})) {inner})'


@dataclass(frozen=True)
class BelowSum:
    """The key is a number above 0 and below the sum of two other keys."""

    key: str
    other: str
    third: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        numbers = [lookup(values, key) for key in (self.key, self.other, self.third)]
        found, *others = (number if isinstance(number, int) else 0 for number in numbers)
        return 0 < found < sum(others)

    def template(self) -> str:
        found, other, third = (f"(int {expression(key)})" for key in (self.key, self.other, self.third))
        return f"(and (gt {found} 0) (lt {found} (int (add {other} {third}))))"


@dataclass(frozen=True)
class HasKey:
    """The key is a map that has this name in it."""

    key: str
    name: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        found = lookup(values, self.key)
        return isinstance(found, dict) and self.name in found

    def template(self) -> str:
        return f'(hasKey ({expression(self.key)} | default dict) "{self.name}")'


@dataclass(frozen=True)
class Lists:
    """The key is a list that holds the item."""

    key: str
    item: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        found = lookup(values, self.key)
        return isinstance(found, list) and self.item in found

    def template(self) -> str:
        return f'(has "{self.item}" ({expression(self.key)} | default list))'


EXTRA_VARIABLES = "$variables"
"""The template variable that holds the names in `extraEnvVars`, in upper case; `generating` defines it."""


@dataclass(frozen=True)
class GivesVariable:
    """`extraEnvVars` gives this variable, spelt in whatever case; null takes one back."""

    name: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        return self.name in _extra_variables(values)

    def template(self) -> str:
        return f'(has "{self.name}" {EXTRA_VARIABLES})'


@dataclass(frozen=True)
class GivesVariableTwice:
    """Two names in `extraEnvVars` are equal in upper case."""

    def holds(self, values: Mapping[str, Any]) -> bool:
        names = _extra_variables(values)
        return len(set(names)) < len(names)

    def template(self) -> str:
        return f"(lt (len (uniq {EXTRA_VARIABLES})) (len {EXTRA_VARIABLES}))"


@dataclass(frozen=True)
class DoubleVariables:
    """The names that `GivesVariableTwice` means."""

    def of(self, values: Mapping[str, Any]) -> str:
        """As they are written."""
        spelt: dict[str, list[str]] = {}
        found = lookup(values, "extraEnvVars")
        given = found.items() if isinstance(found, dict) else ()
        for name in sorted(str(key) for key, value in given if value is not None):
            spelt.setdefault(name.upper(), []).append(name)
        return ", ".join(" and ".join(names) for _, names in sorted(spelt.items()) if len(names) > 1)

    def template(self) -> str:
        return '(include "mlflow.doubleVariables" .Values.extraEnvVars)'


DOUBLE_VARIABLES = """\
{{- define "mlflow.doubleVariables" -}}
{{- $spelt := dict }}
{{- range $name, $value := . }}
{{- if not (kindIs "invalid" $value) }}
{{- $_ := set $spelt (upper $name) (append (get $spelt (upper $name) | default list) $name) }}
{{- end }}
{{- end }}
{{- $doubles := list }}
{{- range $spelt }}
{{- if gt (len .) 1 }}
{{- $doubles = append $doubles (join " and " .) }}
{{- end }}
{{- end }}
{{- join ", " $doubles }}
{{- end }}
"""
"""The named template that lists them."""


def _extra_variables(values: Mapping[str, Any]) -> list[str]:
    found = lookup(values, "extraEnvVars")
    if not isinstance(found, dict):
        return []
    return [str(name).upper() for name, value in found.items() if value is not None]
