"""Registered models and prompts that come with an experiment: what is in their way, and what of them is new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from flowship.exporting.choosing_models import Chosen, numbered
from flowship.exporting.finding_models import experiments_named
from flowship.exporting.model_rows import goes, model_of, read_registry, rows_of
from flowship.exporting.rows import insert_rows, table
from flowship.mlflow_seams.database.belongings import EXPERIMENTS_OF_PROMPT
from flowship.mlflow_seams.database.registry_tables import ALIASES, MODEL_TAGS, MODELS, NOT_OF_OURS, REGISTRY, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Connection

    from flowship.exporting.choosing_models import Model
    from flowship.exporting.identifiers import Renaming
    from flowship.exporting.rows import Row


@dataclass(frozen=True)
class Registry:
    """What makes models, versions and aliases the same ones: the times at which they were made, and the version."""

    models: Mapping[Model, int | None]
    versions: Mapping[tuple[Model, int], int | None]
    aliases: Mapping[tuple[Model, str], int]


class Arrival(NamedTuple):
    """How an experiment arrives, with which they come."""

    old: int
    """The identifier that it had."""
    new: int
    renaming: Renaming
    workspace: str = ""
    """Where they are to be, if not in their own."""


class Added(NamedTuple):
    """What was added."""

    rows: int
    told: tuple[str, ...]
    """What is said of models and prompts that were there, a sentence each."""


def insert_registry(connection: Connection, top: Path, arrival: Arrival) -> Added:
    """Add what is new of the models and prompts below the folder of an experiment."""
    exported, there = _of_export(top, arrival.workspace), _of_database(connection, top)
    new = what_is_new(exported, there)
    count = 0
    for name in REGISTRY:
        found = (row for row in read_registry(top, name, arrival.workspace) if goes(name, row, new))
        count += insert_rows(connection, name, filter(None, (_as_it_will_be(name, row, arrival) for row in found)))
    for row in read_registry(top, MODEL_TAGS, arrival.workspace):
        if row["key"] == EXPERIMENTS_OF_PROMPT and not goes(MODEL_TAGS, row, new):
            _join(connection, row, arrival)
    return Added(count, tuple(_told(exported, there, new)))


def _told(exported: Registry, there: Registry, new: Chosen) -> Iterator[str]:
    for model in sorted(exported.models.keys() & there.models.keys()):
        added = [number for owner, number in new.versions if owner == model]
        what = f"gets {numbered(added)}, and is otherwise left as it is" if added else "is left as it is"
        yield f'"{model[1]}" is among the registered models and prompts already, and {what}'


def in_the_way(connection: Connection, top: Path, workspace: str) -> str | None:
    """Tell what is in the way of the models and prompts below the folder of an experiment, in the workspace that is
    named or theirs, as the end of a sentence."""
    return conflict(_of_export(top, workspace), _of_database(connection, top))


def conflict(exported: Registry, there: Registry) -> str | None:
    """Tell what is another one there under the same name."""
    spellings = {(workspace, name.casefold()): name for workspace, name in there.models.keys() - exported.models.keys()}
    for workspace, name in sorted(exported.models):
        model = (workspace, name)
        if model not in there.models and (other := spellings.get((workspace, name.casefold()))):
            return f'the registered model or prompt "{other}", whose name is the same as "{name}" to it'
        if model in there.models and there.models[model] != exported.models[model]:
            return f'a registered model or prompt "{name}" already, which is another one'
    for (model, number), time in sorted(exported.versions.items()):
        if there.versions.get((model, number), time) != time:
            return f'version {number} of "{model[1]}" already, which is another one'
    new = what_is_new(exported, there)
    for (model, alias), number in sorted(exported.aliases.items()):
        if (model, number) in new.versions and (taken := there.aliases.get((model, alias))) is not None:
            return f'the alias "{alias}" of "{model[1]}" at version {taken}, and not at version {number}'
    return None


def what_is_new(exported: Registry, there: Registry) -> Chosen:
    """Give the models and versions that are to be added."""
    return Chosen(
        frozenset(exported.models.keys() - there.models.keys()),
        frozenset(exported.versions.keys() - there.versions.keys()),
    )


def belonging_to(value: str | None, more: int) -> str:
    """Give the text of a prompt's tag that names one more experiment."""
    named = experiments_named(value)
    return "".join(f",{each}" for each in (*named, *({more} - set(named)))) + ","


def _of_export(top: Path, workspace: str) -> Registry:
    return _registry(lambda name: read_registry(top, name, workspace))


def _of_database(connection: Connection, top: Path) -> Registry:
    names = {row["name"] for row in read_registry(top, MODELS)}
    return _registry(lambda name: rows_of(connection, name, names))


def _registry(read: Callable[[str], Iterable[Row]]) -> Registry:
    return Registry(
        {model_of(row): row["creation_time"] for row in read(MODELS)},
        {(model_of(row), row["version"]): row["creation_time"] for row in read(VERSIONS)},
        {(model_of(row), row["alias"]): row["version"] for row in read(ALIASES)},
    )


def _as_it_will_be(name: str, row: Row, arrival: Arrival) -> Row | None:
    if name == MODEL_TAGS and row["key"] == EXPERIMENTS_OF_PROMPT:
        belongs = arrival.old in experiments_named(row["value"])
        return {**row, "value": belonging_to(None, arrival.new)} if belongs else None
    renamed = arrival.renaming.renamed
    return {column: value if column in NOT_OF_OURS else renamed(value) for column, value in row.items()}


def _join(connection: Connection, row: Row, arrival: Arrival) -> None:
    """Have a prompt that is there belong to the experiment too, if it did."""
    from sqlalchemy import and_, insert, select, update

    if arrival.old not in experiments_named(row["value"]):
        return
    tags, key = table(MODEL_TAGS), {column: row[column] for column in REGISTRY[MODEL_TAGS]}
    this = and_(*(tags.c[column] == value for column, value in key.items()))
    found = connection.execute(select(tags.c.value).where(this)).first()
    value = belonging_to(found.value if found else None, arrival.new)
    if found is None:
        connection.execute(insert(tags).values(**key, value=value))
    else:
        connection.execute(update(tags).where(this).values(value=value))
