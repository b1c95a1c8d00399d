"""What a tracking database holds already whose artifacts lie elsewhere than a client may say now.

It goes on working for those who may read it: an experiment from before artifacts went through the server is such, but
so is one that somebody made to read what is not his.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.artifacts.places import REFERENCES, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from flowship.artifacts.places import Allowed
    from flowship.database.database import Database

SHOWN = 5
"""Places that are named; the rest are counted."""


_TABLES = {
    "experiments": ("experiment", ("experiment_id",), "artifact_location"),
    "model_versions": ("model version", ("name", "version"), "source"),
    "trace_tags": ("trace", ("request_id",), "value"),
}
_TRACE_TAGS = ("mlflow.artifactLocation", "mlflow.trace.archiveLocation")
_PLACEHOLDERS = frozenset({"dummy-source", "prompt-template"})
"""Sources of prompts, which have no artifacts."""


def sentence(tracking: Database, allowed: Allowed) -> str | None:
    """Tell people which places lie elsewhere; None when there are none, or the database cannot be asked."""
    from sqlalchemy.exc import SQLAlchemyError

    if tracking.is_file and not tracking.file.exists():
        return None
    try:
        found = [f"{what} at {address}" for what, address in _kept(tracking.engine()) if not _inside(address, allowed)]
    except SQLAlchemyError:
        return None
    if not found:
        return None
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return (
        f"{'; '.join(found[:SHOWN])}{more}: outside of artifactRoot and artifactRoot.allowedLocations; whoever may "
        "read these makes the server read there. Look whether each is meant"
    )


def _inside(address: str, allowed: Allowed) -> bool:
    found = place(address)
    if found is None:
        return address in _PLACEHOLDERS
    return found.scheme in REFERENCES or allowed.location("", address) is None


def _kept(engine: Engine) -> Iterator[tuple[str, str]]:
    """Give each place that a client may have named once, after the words for what is there."""
    from sqlalchemy import MetaData, Table, inspect, select

    known = set(inspect(engine).get_table_names())
    for name, (words, columns, address) in _TABLES.items():
        if name not in known:
            continue
        table = Table(name, MetaData(), autoload_with=engine)
        if not {*columns, address} <= {*table.c.keys()}:
            continue  # a table of that name which is not MLflow's
        asked = select(*(table.c[column] for column in (*columns, address))).where(table.c[address].is_not(None))
        if name == "trace_tags":
            asked = asked.where(table.c.key.in_(_TRACE_TAGS))
        with engine.connect() as connection:
            for *names, kept in connection.execute(asked):
                yield " ".join(map(str, (words, *names))), kept
