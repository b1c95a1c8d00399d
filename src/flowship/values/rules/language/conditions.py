"""A small language of conditions on values, so that one rule means the same in Python and in the chart.

    given("auth.enabled") & ~matches("auth.adminPassword", r"(?s)^.{12}")

Each condition says whether it holds for values, which keys decide that, and how the chart is told of it: by a row such
as `["given", ["auth.enabled"]]`, whose words `charts/mlflow/templates/_findings.tpl` understands. Missing keys count as
empty in both, because templates must survive values of an older chart (`--reuse-values`).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from flowship.values.model.keys import lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EXTRA = "extraEnvVars"


class Condition(ABC):
    """A question about values; `&`, `|` and `~` make one of several."""

    @property
    @abstractmethod
    def keys(self) -> frozenset[str]:
        """The keys that decide the answer."""

    @property
    @abstractmethod
    def row(self) -> list[Any]:
        """The condition as the chart reads it: a word, and what follows it."""

    @abstractmethod
    def holds(self, values: Mapping[str, Any]) -> bool:
        """Tell whether it is so for these values."""

    def __and__(self, other: Condition) -> Condition:
        return _All((*self.conditions, other) if isinstance(self, _All) else (self, other))

    def __or__(self, other: Condition) -> Condition:
        return _Some((*self.conditions, other) if isinstance(self, _Some) else (self, other))

    def __invert__(self) -> Condition:
        return _Not(self)


@dataclass(frozen=True)
class _Joined(Condition):
    conditions: tuple[Condition, ...]
    word: ClassVar[str]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset().union(*(condition.keys for condition in self.conditions))

    @property
    def row(self) -> list[Any]:
        return [self.word, *(condition.row for condition in self.conditions)]


class _All(_Joined):
    word = "and"

    def holds(self, values: Mapping[str, Any]) -> bool:
        return all(condition.holds(values) for condition in self.conditions)


class _Some(_Joined):
    word = "or"

    def holds(self, values: Mapping[str, Any]) -> bool:
        return any(condition.holds(values) for condition in self.conditions)


@dataclass(frozen=True)
class _Not(Condition):
    condition: Condition

    @property
    def keys(self) -> frozenset[str]:
        return self.condition.keys

    @property
    def row(self) -> list[Any]:
        return ["not", self.condition.row]

    def holds(self, values: Mapping[str, Any]) -> bool:
        return not self.condition.holds(values)


@dataclass(frozen=True)
class Predicate(Condition):
    """A question about what stands at keys: a word that the chart knows, and the function that answers it in Python."""

    word: str
    places: tuple[str, ...]
    answer: Callable[..., bool]
    """It takes what stands at each key, None where nothing does, and then the arguments."""
    arguments: tuple[str | int, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.places)

    @property
    def row(self) -> list[Any]:
        return [self.word, list(self.places), *self.arguments]

    def holds(self, values: Mapping[str, Any]) -> bool:
        return self.answer(*(lookup(values, key) for key in self.places), *self.arguments)


def given(*keys: str) -> Condition:
    """Each of the keys is true, or not empty."""
    return Predicate("given", keys, lambda *found: all(found))


def any_given(*keys: str) -> Condition:
    """At least one of the keys is true, or not empty."""
    return Predicate("any given", keys, lambda *found: any(found))


def several(keys: tuple[str, ...]) -> Condition:
    """More than one of the keys is true, or not empty."""
    return Predicate("several given", keys, lambda *found: sum(map(bool, found)) > 1)


def matches(key: str, pattern: str) -> Condition:
    """The key's text contains a match of the pattern, which `values.model.shape` says how to write."""
    return Predicate("matches", (key,), lambda found, pattern: search(pattern, as_text(found)), (pattern,))


def above(key: str, limit: int) -> Condition:
    """The key is a number above the limit."""
    return Predicate("above", (key,), lambda found, limit: isinstance(found, int) and found > limit, (limit,))


def larger(key: str, other: str) -> Condition:
    """The key is a larger number than the other key."""
    return Predicate("larger", (key, other), _larger)


def same(key: str, other: str) -> Condition:
    """The key and the other have the same text, and not an empty one."""
    return Predicate("same", (key, other), lambda one, two: bool(as_text(one)) and as_text(one) == as_text(two))


def below_sum(key: str, other: str, third: str) -> Condition:
    """The key is a number above 0 and below the sum of two other keys."""
    return Predicate("below sum", (key, other, third), _below_sum)


def inside(key: str, form: str, keys: tuple[str, ...]) -> Condition:
    """The address at the key lies in the place, or is it, whose address `form` makes of the texts at `keys`; the last
    of them is a path, whose outer slashes do not count."""
    return Predicate("inside", (key, *keys), _inside, (form,))


def has_path(key: str, prefix: str, *paths: str) -> Condition:
    """The address at the key has one of these paths, below the prefix that another key says, or without it."""
    return Predicate("has path", (key, prefix), _has_path, paths)


def has_key(key: str, name: str) -> Condition:
    """The key is a map that has this name in it."""
    return Predicate("has key", (key,), lambda found, name: isinstance(found, dict) and name in found, (name,))


def lists(key: str, item: str) -> Condition:
    """The key is a list that holds the item."""
    return Predicate("lists", (key,), lambda found, item: isinstance(found, list) and item in found, (item,))


def gives(*names: str) -> Condition:
    """`extraEnvVars` gives one of these variables, spelt in whatever case; null takes one back."""
    return Predicate("gives", (EXTRA,), _gives, names)


def gives_twice() -> Condition:
    """Two names in `extraEnvVars` are equal in upper case."""
    return Predicate("gives twice", (EXTRA,), lambda found: bool(double_variables(found)))


def double_variables(found: Any) -> str:
    """Give the names of variables that are equal in upper case, as a sentence lists them."""
    spelt: dict[str, list[str]] = {}
    for name in sorted(_variables(found)):
        spelt.setdefault(name.upper(), []).append(name)
    return ", ".join(" and ".join(names) for _, names in sorted(spelt.items()) if len(names) > 1)


def _variables(found: Any) -> list[str]:
    return [str(name) for name, value in found.items() if value is not None] if isinstance(found, dict) else []


def search(pattern: str, text: str) -> bool:
    """Tell whether the text contains a match. Python before 3.14 knows the end of the text as an upper-case letter
    only."""
    return re.search(pattern.replace(r"\z", r"\Z"), text) is not None


def as_text(value: Any) -> str:
    """Give a value as a template prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _gives(found: Any, *names: str) -> bool:
    return not {name.upper() for name in _variables(found)}.isdisjoint(names)


def _larger(found: Any, other: Any) -> bool:
    return isinstance(found, int) and isinstance(other, int) and found > other


def _below_sum(*numbers: Any) -> bool:
    found, *others = (number if isinstance(number, int) else 0 for number in numbers)
    return 0 < found < sum(others)


def _has_path(found: Any, prefix: Any, *paths: str) -> bool:
    path = re.sub("^[^/]*//[^/]*", "", as_text(found))
    return path.removeprefix(as_text(prefix)) in paths


def _inside(*found: Any) -> bool:
    address, *names, path, form = map(as_text, found)
    place = (form % (*names, path.strip("/"))).removesuffix("/")
    return f"{address.removesuffix('/')}/".startswith(f"{place}/")
