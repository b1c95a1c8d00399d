"""Finds the registered models and prompts of an experiment in a database."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowship.exporting.choosing_models import Around, Chosen, Version, choose
from flowship.exporting.model_rows import model_of, rows_of
from flowship.exporting.rows import batches, ends, table
from flowship.mlflow_seams.database.belongings import EXPERIMENTS_OF_PROMPT, INTERNAL_STAGE
from flowship.mlflow_seams.database.registry_tables import (
    LINKED_PROMPTS,
    MODEL_TAGS,
    MODELS,
    PROMPT_VERSION,
    RUNS_OF_PROMPT,
    RUNS_OF_PROMPT_OF_2_22,
    USING,
    VERSION_TAGS,
    VERSIONS,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from flowship.exporting.choosing_models import Model
    from flowship.exporting.rows import Row

_IDENTIFIER = re.compile(r"(m-)?[0-9a-f]{32}")
_MADE_OF = {"runs": "run_uuid", "logged_models": "model_id"}


def find(connection: Connection, experiment: Any, exported: Collection[int]) -> Chosen:
    """Find what goes with an experiment, given its row, and those of all experiments that are exported together."""
    identifier, location = int(experiment.experiment_id), experiment.artifact_location
    workspace = experiment.workspace
    prompts = _belonging(connection, identifier) | _used(connection, identifier, workspace)
    models = prompts | _made_here(connection, identifier, location)
    others = {model for model in models if model[0] != workspace}
    if not models:
        return Chosen()
    around = Around(identifier, location, exported, _experiments(connection))
    chosen = choose(around, _versions(connection, models - others), prompts - others)
    return replace(chosen, left_out=(*chosen.left_out, *of_other_workspaces(others, prompts)))


def of_other_workspaces(models: Iterable[Model], prompts: Collection[Model]) -> Iterator[str]:
    """Tell of models and prompts that name an experiment of a workspace that is not theirs: they stay."""
    for model in sorted(models):
        kind = "prompt" if model in prompts else "registered model"
        yield f'{kind} "{model[1]}" of the workspace {model[0]}, which is another one than the experiment\'s'


def experiments_named(value: str | None) -> list[int]:
    """Give the experiments that the tag of a prompt names, such as `,1,7,`."""
    return [int(each) for each in (value or "").split(",") if each.strip().isdecimal()]


def linked_names(value: str | None) -> set[str]:
    """Give the names of the prompts that a tag of what uses them names."""
    try:
        found = json.loads(value or "[]")
    except ValueError:
        return set()
    named = [each.get("name") for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return {name for name in named if isinstance(name, str)}


def _made_here(connection: Connection, experiment: int, location: str) -> set[Model]:
    """Find the models of which a version may have been made in an experiment."""
    from sqlalchemy import literal, or_, select

    versions, runs, logged = table(VERSIONS), table("runs"), table("logged_models")
    of_runs = select(runs.c.run_uuid).where(runs.c.experiment_id == experiment)
    of_models = select(literal("models:/") + logged.c.model_id).where(logged.c.experiment_id == experiment)
    below = [versions.c[name].startswith(f"{location}/", autoescape=True) for name in ("source", "storage_location")]
    made = or_(versions.c.run_id.in_(of_runs), versions.c.source.in_(of_models), *below)
    asked = select(versions.c.workspace, versions.c.name).where(made).distinct()
    return {(workspace, name) for workspace, name in connection.execute(asked)}


def _belonging(connection: Connection, experiment: int) -> set[Model]:
    """Find the prompts that say that they belong to an experiment."""
    from sqlalchemy import select

    tags = table(MODEL_TAGS)
    asked = select(tags.c.workspace, tags.c.name, tags.c.value).where(tags.c.key == EXPERIMENTS_OF_PROMPT)
    found = connection.execute(asked)
    return {(workspace, name) for workspace, name, value in found if experiment in experiments_named(value)}


def _used(connection: Connection, experiment: int, workspace: str) -> set[Model]:
    """Find the prompts that an experiment's runs, models and traces used."""
    from sqlalchemy import select

    names = _linked(connection, experiment) | _logged_by_older_clients(connection, experiment)
    models, found = table(MODELS), set()
    for batch in batches(names):
        asked = select(models.c.name).where(models.c.workspace == workspace, models.c.name.in_(batch))
        found |= {(workspace, name) for name in connection.execute(asked).scalars()}
    return found


def _linked(connection: Connection, experiment: int) -> set[str]:
    from sqlalchemy import select

    names = set()
    for name, (key, value, owner, owners) in USING.items():
        tags, used_by = table(name), table(owners)
        of_experiment = select(used_by.c[owner]).where(used_by.c.experiment_id == experiment)
        asked = select(tags.c[value]).where(tags.c[key] == LINKED_PROMPTS, tags.c[owner].in_(of_experiment))
        names |= {each for said in connection.execute(asked.distinct()).scalars() for each in linked_names(said)}
    links = table("entity_associations")
    linked = select(links.c.destination_id).where(links.c.destination_type == PROMPT_VERSION)
    found = connection.execute(linked.where(links.c.source_id.in_(ends(experiment))).distinct()).scalars()
    return names | {each.rpartition("/")[0] for each in found}


def _logged_by_older_clients(connection: Connection, experiment: int) -> set[str]:
    from sqlalchemy import select

    tags, runs = table(VERSION_TAGS), table("runs")
    tagged = tags.c.key.in_((RUNS_OF_PROMPT, RUNS_OF_PROMPT_OF_2_22))
    logged = connection.execute(select(tags.c.name, tags.c.value).where(tagged)).all()
    pairs = [(run.strip(), name) for name, value in logged for run in (value or "").split(",")]
    asked = select(runs.c.run_uuid).where(runs.c.experiment_id == experiment)
    own = {
        run
        for batch in batches({run for run, _ in pairs})
        for run in connection.execute(asked.where(runs.c.run_uuid.in_(batch))).scalars()
    }
    return {name for run, name in pairs if run in own}


def _versions(connection: Connection, models: Collection[Model]) -> list[Version]:
    found = [row for row in rows_of(connection, VERSIONS, {name for _, name in models}) if model_of(row) in models]
    homes = _homes(connection, {each for row in found for each in _identifiers(row)})
    return [
        Version(
            model_of(row),
            row["version"],
            "" if row["current_stage"] == INTERNAL_STAGE else row["storage_location"] or row["source"] or "",
            frozenset(homes[each] for each in _identifiers(row) if each in homes),
        )
        for row in found
    ]


def _identifiers(row: Row) -> set[str]:
    """Give all that a version may be made of: what it names, and the folders in its addresses."""
    if row["current_stage"] == INTERNAL_STAGE:  # where its files were is still there, and nothing leads to them
        return set()
    names = [row["run_id"] or ""]
    for address in filter(None, (row["source"], row["storage_location"])):
        names += address.split("/")
    return {name for name in names if _IDENTIFIER.fullmatch(name)}


def _homes(connection: Connection, identifiers: Iterable[str]) -> Mapping[str, int]:
    """Tell the experiments of those of these that are runs or logged models."""
    from sqlalchemy import select

    found: dict[str, int] = {}
    for batch in batches(identifiers):
        for name, key in _MADE_OF.items():
            things = table(name)
            asked = select(things.c[key], things.c.experiment_id).where(things.c[key].in_(batch))
            found.update((identifier, experiment) for identifier, experiment in connection.execute(asked))
    return found


def _experiments(connection: Connection) -> dict[int, str]:
    from sqlalchemy import select

    found = table("experiments")
    return dict(map(tuple, connection.execute(select(found.c.experiment_id, found.c.name))))
