"""What models, prompts and guardrails of the registry point to, which stays though it was deleted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select

from flowship.garbage.places import names_in
from flowship.mlflow_seams.database.belongings import (
    DEFAULT_EXPERIMENT,
    EXPERIMENTS_OF_PROMPT,
    INTERNAL_STAGE,
    IS_PROMPT,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, MetaData

Version = tuple[str, str, int]
"""The workspace, the name and the number of a model's version."""


@dataclass
class References:
    """Why each thing stays, by its id."""

    things: dict[str, str] = field(default_factory=dict)
    """Runs and logged models."""
    experiments: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pointing:
    """A version of a registered model, or of a prompt."""

    version: Version
    run_id: str
    places: tuple[str, ...]
    """Addresses of what it is made of."""
    prompt: bool
    aliases: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Say what it is, as the end of a sentence."""
        _, name, number = self.version
        what = "prompt" if self.prompt else "registered model"
        aliases = f" ({', '.join(self.aliases)})" if self.aliases else ""
        return f'{what} "{name}", version {number}{aliases}, points to it'


def pointed_to(versions: Iterable[Pointing]) -> dict[str, str]:
    """Tell why each run and model stays: a version names it, or something in its folder."""
    found: dict[str, str] = {}
    for version in versions:
        for name in {version.run_id, *names_in(version.places)} - {""}:
            found.setdefault(name, version.sentence)
    return found


def read_references(connection: Connection, tables: MetaData) -> References:
    """Read what the registry points to."""
    found = References(pointed_to(_versions(connection, tables)))
    found.experiments[DEFAULT_EXPERIMENT] = "it is the default experiment, which clients use that name none"
    for name, ids in _experiments_of_prompts(connection, tables):
        for each in ids:
            found.experiments.setdefault(each, f'prompt "{name}" belongs to it')
    return found


def newly_pointed_to(connection: Connection, tables: MetaData, ids: Sequence[str]) -> dict[str, str]:
    """Tell which of these a version points to now; quick, for a transaction."""
    versions = tables.tables["model_versions"]
    sources = [f"models:/{each}" for each in ids]
    named = versions.c.run_id.in_(ids) | versions.c.source.in_(sources)
    return pointed_to(_versions(connection, tables, named))


def _versions(connection: Connection, tables: MetaData, named: object = None) -> list[Pointing]:
    versions, aliases = tables.tables["model_versions"], tables.tables["registered_model_aliases"]
    asked = select(versions.c.workspace, versions.c.name, versions.c.version, versions.c.run_id)
    asked = asked.add_columns(versions.c.source, versions.c.storage_location)
    asked = asked.where(versions.c.current_stage.is_distinct_from(INTERNAL_STAGE))
    if named is not None:
        asked = asked.where(named)  # type: ignore[arg-type]
    rows = connection.execute(asked).all()
    if not rows:
        return []
    named_by: dict[Version, list[str]] = {}
    for workspace, name, number, alias in connection.execute(
        select(aliases.c.workspace, aliases.c.name, aliases.c.version, aliases.c.alias).order_by(aliases.c.alias)
    ):
        named_by.setdefault((workspace, name, number), []).append(alias)
    prompts = _tagged(connection, tables, IS_PROMPT)
    return [
        Pointing(
            (workspace, name, number),
            run_id or "",
            tuple(filter(None, (source, storage))),
            (workspace, name) in prompts,
            tuple(named_by.get((workspace, name, number), ())),
        )
        for workspace, name, number, run_id, source, storage in map(tuple, rows)
    ]


def _experiments_of_prompts(connection: Connection, tables: MetaData) -> list[tuple[str, list[int]]]:
    tagged = _tagged(connection, tables, EXPERIMENTS_OF_PROMPT)
    return [
        (name, [int(each) for each in ids.split(",") if each.strip().isdecimal()]) for (_, name), ids in tagged.items()
    ]


def _tagged(connection: Connection, tables: MetaData, key: str) -> Mapping[tuple[str, str], str]:
    """Give the registered models that have a tag, with its text."""
    tags = tables.tables["registered_model_tags"]
    asked = select(tags.c.workspace, tags.c.name, tags.c.value).where(tags.c.key == key)
    return {(workspace, name): value or "" for workspace, name, value in connection.execute(asked)}
