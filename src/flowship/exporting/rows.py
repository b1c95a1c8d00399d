"""Rows of MLflow's tables that belong to one experiment, read from a database and written to files of JSON lines."""

from __future__ import annotations

import json
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from flowship.mlflow_seams.database.experiment_tables import CARRIED, LEFT_OUT, OWNERS, Owner, metadata
from flowship.mlflow_seams.database.registry_tables import PROMPT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Select, Table

    from flowship.mlflow_seams.database.experiment_tables import Belongs

    Row = dict[str, Any]

T = TypeVar("T")

LINKS = "links"
"""The folder of rows that link two things."""
BATCH = 1000
"""Rows that are in memory at once."""


def write_rows(connection: Connection, experiment: int, top: Path) -> dict[str, int]:
    """Write all rows of an experiment below its folder, and count them by table."""
    counts = {}
    for name, belongs in CARRIED.items():
        found = _rows(connection, select_rows(name, belongs, experiment))
        if belongs.owner is Owner.RUN:
            groups = groupby(found, key=itemgetter(belongs.column))
            counts[name] = sum(write(rows, top / "runs" / str(run) / f"{name}.jsonl") for run, rows in groups)
        else:
            counts[name] = write(found, top / FOLDERS[belongs.owner] / f"{name}.jsonl")
    return counts


FOLDERS = {Owner.EXPERIMENT: "", Owner.TRACE: "traces", Owner.LINKED: LINKS}


def read_rows(top: Path, name: str) -> Iterator[Row]:
    """Read the rows of a table from below the folder of an experiment."""
    owner = CARRIED[name].owner
    runs = sorted((top / "runs").glob(f"*/{name}.jsonl"))
    for file in runs if owner is Owner.RUN else [top / FOLDERS[owner] / f"{name}.jsonl"]:
        yield from read_file(file)


def read_file(file: Path) -> Iterator[Row]:
    """Read rows from a file of JSON lines; none if there is no such file."""
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def insert_rows(connection: Connection, name: str, found: Iterable[Row]) -> int:
    """Insert rows into a table, and count them."""
    from sqlalchemy import insert

    count = 0
    for batch in batches(found):
        connection.execute(insert(table(name)), batch)
        count += len(batch)
    return count


def batches(found: Iterable[T]) -> Iterator[list[T]]:
    """Divide what is found into as much as a database is given at once."""
    rest = iter(found)
    while batch := list(islice(rest, BATCH)):
        yield batch


def left_out(connection: Connection, experiment: int) -> Iterator[str]:
    """Tell what belongs to an experiment and is not carried."""
    from sqlalchemy import func, select

    for name, belongs in LEFT_OUT.items():
        found = select_rows(name, belongs, experiment).subquery()
        if count := connection.execute(select(func.count()).select_from(found)).scalar_one():
            yield f"{count} rows of {name}"
    associations = table("entity_associations")
    own = ends(experiment)
    one = associations.c.source_id.in_(own) != associations.c.destination_id.in_(own)
    outside = one & (associations.c.destination_type != PROMPT_VERSION)
    if count := connection.execute(select(func.count()).select_from(associations).where(outside)).scalar_one():
        yield f"{count} links to datasets and other things outside of it (entity_associations)"


def table(name: str) -> Table:
    """Give one of MLflow's tables."""
    return metadata().tables[name]


def select_rows(name: str, belongs: Belongs, experiment: int) -> Select[Any]:
    """Select what belongs to an experiment, one owner after the other."""
    from sqlalchemy import select

    found = table(name)
    chosen = select(*(column for column in found.columns if column.computed is None))
    if belongs.owner is Owner.LINKED:
        return chosen.where(_linked(name, experiment))
    column = found.c[belongs.column]
    if belongs.owner is Owner.EXPERIMENT:
        return chosen.where(column == experiment)
    owners, identifier = OWNERS[belongs.owner]
    of_experiment = select(table(owners).c[identifier]).where(table(owners).c.experiment_id == experiment)
    return chosen.where(column.in_(of_experiment)).order_by(column, *found.primary_key)


def _linked(name: str, experiment: int) -> Any:
    from sqlalchemy import select

    found = table(name)
    if name == "input_tags":
        return found.c.input_uuid.in_(select(table("inputs").c.input_uuid).where(_linked("inputs", experiment)))
    own = ends(experiment)
    if name == "inputs":
        return found.c.source_id.in_(own) | found.c.destination_id.in_(own)
    to_prompt = found.c.destination_type == PROMPT_VERSION
    return found.c.source_id.in_(own) & (found.c.destination_id.in_(own) | to_prompt)


def ends(experiment: int) -> Any:
    """Select the identifiers of all that an experiment has and links name: runs, traces and logged models."""
    from sqlalchemy import select

    things = (("runs", "run_uuid"), ("trace_info", "request_id"), ("logged_models", "model_id"))
    first, *others = [
        select(table(name).c[column]).where(table(name).c.experiment_id == experiment) for name, column in things
    ]
    return first.union_all(*others)


def _rows(connection: Connection, statement: Select[Any]) -> Iterator[Row]:
    result = connection.execute(statement, execution_options={"yield_per": BATCH})
    for row in result.mappings():
        yield dict(row)


def write(rows: Iterable[Row], file: Path) -> int:
    """Write rows as JSON lines, into no file where there are none; gives how many."""
    count = 0
    opened = None
    try:
        for row in rows:
            if opened is None:
                file.parent.mkdir(parents=True, exist_ok=True)
                opened = file.open("w", encoding="utf-8")
            opened.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    finally:
        if opened is not None:
            opened.close()
    return count
