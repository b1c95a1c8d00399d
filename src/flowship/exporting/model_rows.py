"""Rows of the registry's tables: written to files of JSON lines, and read from them or a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.exporting.rows import BATCH, batches, read_file, table, write
from flowship.mlflow_seams.database.registry_tables import ALIASES, REGISTRY, VERSION_TAGS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from flowship.exporting.choosing_models import Chosen, Model
    from flowship.exporting.rows import Row

FOLDER = "registry"
"""In that of an experiment."""


def write_registry(connection: Connection, chosen: Chosen, top: Path) -> dict[str, int]:
    """Write what of the registry goes with an experiment below its folder, and count the rows by table."""
    names = {name for _, name in chosen.models}
    return {
        name: write(
            (row for row in rows_of(connection, name, names) if goes(name, row, chosen)),
            top / FOLDER / f"{name}.jsonl",
        )
        for name in REGISTRY
    }


def read_registry(top: Path, name: str, workspace: str = "") -> Iterator[Row]:
    """Read the rows of one of its tables from below the folder of an experiment, as of another workspace if one is
    named."""
    for row in read_file(top / FOLDER / f"{name}.jsonl"):
        yield {**row, "workspace": workspace or row["workspace"]}


def rows_of(connection: Connection, name: str, models: Iterable[str]) -> Iterator[Row]:
    """Give the rows of one of its tables that are about models of these names, in whatever workspace."""
    from sqlalchemy import select

    found = table(name)
    for batch in batches(sorted(models)):
        asked = select(found).where(found.c.name.in_(batch)).order_by(*(found.c[column] for column in REGISTRY[name]))
        for row in connection.execute(asked, execution_options={"yield_per": BATCH}).mappings():
            yield dict(row)


def goes(name: str, row: Row, chosen: Chosen) -> bool:
    """Tell whether a row of a table is about what was chosen."""
    if name in {VERSIONS, VERSION_TAGS, ALIASES}:
        return (model_of(row), row["version"]) in chosen.versions
    return model_of(row) in chosen.models


def model_of(row: Row) -> Model:
    """Give the model that a row is about."""
    return row["workspace"], row["name"]
