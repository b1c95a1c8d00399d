"""A rule: a combination of values that is refused, and the sentence that says so.

A value may be given in more than one way: at its key, by the variable that stands for it in `extraEnvVars`, or by a
Secret in `extraSecretNamesForEnvFrom`, which only a container can look into.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from flowship.values.model.variables import VARIABLES
from flowship.values.rules.conditions import All, Condition, Given, GivesVariable, Not, Some

if TYPE_CHECKING:
    from collections.abc import Mapping

FROM_SECRETS = Given("extraSecretNamesForEnvFrom")


NAMES = "`...`"
"""Stands in a sentence for names that only the values say."""


class Names(Protocol):
    """Names in a map that a rule is about: never what stands at them."""

    def of(self, values: Mapping[str, Any]) -> str:
        """The names in these values, as a sentence lists them."""

    def template(self) -> str:
        """The same as a Go template expression."""


@dataclass(frozen=True)
class Rule:
    """A combination that is refused, told at the first of its keys that the user wrote."""

    keys: tuple[str, ...]
    when: Condition
    reason: str
    about_files: bool = False
    """Whether it is about what was written, whatever the environment then makes of it."""

    in_pods: bool = False
    """Whether it is about what a pod finds, and no matter where the values run on a person's machine."""

    names: Names | None = None
    """Which names of a map it is about, where `NAMES` stands in the reason."""

    @property
    def sentence(self) -> str:
        """What is wrong and what to write instead, beginning with the keys."""
        return f"{', '.join(self.keys)}: {self.reason}"

    def told(self, values: Mapping[str, Any]) -> str:
        """The sentence about these values."""
        return self.sentence.replace(NAMES, self.names.of(values)) if self.names else self.sentence


def given(key: str) -> Condition:
    """The key has a value, or `extraEnvVars` gives the variable that stands for it."""
    return Some(Given(key), *(GivesVariable(variable.name) for variable in VARIABLES if variable.key == key))


def required(section: str, key: str, meaning: str, *unless: Condition) -> Rule:
    """The key must have a value when its section is enabled."""
    name = f"{section}.{key}"
    stands = any(variable.key == name for variable in VARIABLES)
    known = Some(given(name), *([FROM_SECRETS] if stands else []), *unless)
    return Rule(
        (name,),
        All(Given(f"{section}.enabled"), Not(known)),
        f"is empty, but {section}.enabled is true. Write {meaning}.",
    )


def unused(key: str, section: str, *unless: Condition) -> Rule:
    """The key would do nothing, because its section is not enabled."""
    return Rule(
        (key, f"{section}.enabled"),
        All(Given(key), Not(Some(Given(f"{section}.enabled"), *unless))),
        f"the first would do nothing, because {section}.enabled is false. Set that to true, or empty the first.",
    )
