"""Decides which versions of registered models and prompts go with an experiment, and what is told of the others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from flowship.mlflow_seams.database.registry_tables import NO_SOURCES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    Model = tuple[str, str]
    """The workspace and the name of a registered model, which may be a prompt."""


class Version(NamedTuple):
    """A version of a registered model, and the experiments of all that it is made of."""

    model: Model
    number: int
    address: str
    """Where its files are; empty for one that was deleted, or never had any."""
    homes: frozenset[int]

    @property
    def has_files(self) -> bool:
        """Whether the address is one of files, and not a name of something that has its own."""
        named = self.address.startswith(("models:/", "runs:/"))
        return bool(self.address) and self.address not in NO_SOURCES and not named


@dataclass(frozen=True)
class Chosen:
    """What of the registry goes with an experiment."""

    models: frozenset[Model] = frozenset()
    versions: frozenset[tuple[Model, int]] = frozenset()
    left_out: tuple[str, ...] = ()
    """What belongs to these models and does not go, a sentence each."""


@dataclass(frozen=True)
class Around:
    """The experiment, and what is around it."""

    experiment: int
    location: str
    """Where its artifacts are."""
    exported: Collection[int]
    """All experiments that are exported together."""
    names: Mapping[int, str] = field(default_factory=dict)
    """Of all experiments that there are."""

    def named(self, experiment: int) -> str:
        """Name an experiment."""
        return f"experiment {experiment}, {self.names.get(experiment, 'which is gone')}"


def choose(around: Around, versions: Iterable[Version], prompts: Collection[Model]) -> Chosen:
    """Choose what goes with an experiment: models with a version that was made in it, and prompts that belong to it or
    that it used. A version that points to nothing known goes with each of these; one of another experiment goes with
    that one."""
    by_model: dict[Model, list[Version]] = defaultdict(list)
    for each in versions:
        by_model[each.model].append(each)
    own = {around.experiment}
    models = {model for model, found in by_model.items() if any(each.homes == own for each in found)} | set(prompts)
    going = [each for model in models for each in by_model[model] if each.homes <= own]
    lost: list[str] = []
    for model in sorted(models):
        kind = "prompt" if model in prompts else "registered model"
        what = f'{kind} "{model[1]}"'
        lost += _staying(around, what, by_model[model])
        lost += _elsewhere(around, what, (each for each in by_model[model] if each.homes <= own))
    return Chosen(frozenset(models), frozenset((each.model, each.number) for each in going), tuple(lost))


def _staying(around: Around, what: str, versions: Iterable[Version]) -> Iterator[str]:
    by_homes: dict[frozenset[int], list[int]] = defaultdict(list)
    for each in versions:
        goes_with_another = len(each.homes) == 1 and each.homes <= set(around.exported)
        if each.homes and not goes_with_another:
            by_homes[each.homes].append(each.number)
    for homes, numbers in sorted(by_homes.items(), key=lambda found: found[1]):
        places = " and ".join(around.named(each) for each in sorted(homes))
        why = f"whose run and model are of {places}" if len(homes) > 1 else f"made in {places}"
        yield f"{numbered(numbers)} of {what}, {why}, with their aliases"


def _elsewhere(around: Around, what: str, versions: Iterable[Version]) -> Iterator[str]:
    below = f"{around.location}/"
    if away := [each.number for each in versions if each.has_files and not each.address.startswith(below)]:
        yield f"the files of {numbered(away)} of {what}, which are not below {around.location}"


def numbered(numbers: Collection[int]) -> str:
    """Name versions by their numbers, in order."""
    said = ", ".join(map(str, sorted(numbers)))
    return f"version {said}" if len(numbers) == 1 else f"versions {said}"
