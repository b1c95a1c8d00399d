"""Databases with MLflow's tables and rows that are hard to dump, of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from flowship.database.drivers import MYSQL
from flowship.database.engine import open_engine
from flowship.database.migrating.migrate import migrate
from tests.databases import databases_at

if TYPE_CHECKING:
    from sqlalchemy import URL

KINDS = ["sqlite", "postgresql+psycopg2", MYSQL]
SERVERS = KINDS[1:]

TEXTS = [
    "two\nlines",
    "\\.",
    "\\. \\n \\N",
    "tab\tand\rreturn",
    "'quotes' \"double\" `back` ;",
    "INSERT INTO `runs` VALUES (1);",
    "COPY public.runs (a) FROM stdin;",
    "-- PostgreSQL database dump complete",
    "-- Dump completed",
    "ü 漢字 🙂",
    "",
]


def silent(_sentence: str) -> None:
    """What is reported to nobody."""


def fill(url: URL, texts: list[str] | None = None) -> None:
    """Make MLflow's tables, and an experiment with a tag for each text."""
    migrate(databases_at(url), upgrade=False, report=silent)
    chosen = TEXTS if texts is None else texts
    with open_engine(url).begin() as connection:
        experiment = "INSERT INTO experiments (experiment_id, name, lifecycle_stage, workspace) VALUES (7, :n, :s, :w)"
        connection.execute(text(experiment), {"n": "churn", "s": "active", "w": "default"})
        if chosen:
            tag = text("INSERT INTO experiment_tags (key, value, experiment_id) VALUES (:k, :v, 7)")
            if url.get_backend_name() == "mysql":
                tag = text("INSERT INTO experiment_tags (`key`, value, experiment_id) VALUES (:k, :v, 7)")
            connection.execute(tag, [{"k": f"key{n}", "v": value} for n, value in enumerate(chosen)])


def tags(url: URL) -> list[Any]:
    """The texts, in order of their keys."""
    with open_engine(url).connect() as connection:
        found = connection.execute(text("SELECT * FROM experiment_tags"))
        rows = {row["key"]: row["value"] for row in found.mappings()}
    return [rows[f"key{number}"] for number in range(len(rows))]
