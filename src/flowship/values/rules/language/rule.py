"""A rule: a combination of values that is refused, and the sentence that says so.

A value may be given in more than one way: at its key, by the variable that stands for it in `extraEnvVars`, or by a
Secret in `extraSecretNamesForEnvFrom`, which only a container can look into.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.values.model.variables import VARIABLES
from flowship.values.rules.language.conditions import EXTRA, double_variables, given, gives

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.values.rules.language.conditions import Condition

SECRETS = "extraSecretNamesForEnvFrom"
FROM_SECRETS = given(SECRETS)

DOUBLE_VARIABLES = "`...`"
"""Stands in a sentence for the names of variables that are equal in upper case."""


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

    @property
    def sentence(self) -> str:
        """What is wrong and what to write instead, beginning with the keys."""
        return f"{', '.join(self.keys)}: {self.reason}"

    def told(self, values: Mapping[str, Any]) -> str:
        """Give the sentence about these values."""
        return self.sentence.replace(DOUBLE_VARIABLES, double_variables(values.get(EXTRA)))


def provided(key: str) -> Condition:
    """The key has a value, or `extraEnvVars` gives the variable that stands for it."""
    names = _variables_for(key)
    return given(key) | gives(*names) if names else given(key)


def _variables_for(key: str) -> list[str]:
    return [variable.name for variable in VARIABLES if variable.key == key]


def required(section: str, key: str, meaning: str, unless: Condition | None = None) -> Rule:
    """The key must have a value when its section is enabled."""
    name = f"{section}.{key}"
    known = provided(name) | FROM_SECRETS if _variables_for(name) else given(name)
    if unless:
        known |= unless
    return Rule(
        (name,),
        given(f"{section}.enabled") & ~known,
        f"is empty, but {section}.enabled is true. Write {meaning}.",
    )


def unused(key: str, section: str) -> Rule:
    """The key would do nothing, because its section is not enabled."""
    return Rule(
        (key, f"{section}.enabled"),
        given(key) & ~given(f"{section}.enabled"),
        f"the first would do nothing, because {section}.enabled is false. Set that to true, or empty the first.",
    )
