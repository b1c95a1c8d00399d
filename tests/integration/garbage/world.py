"""A tracking database with MLflow's own store on it, and things in it that were deleted long ago."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlflow.entities import Metric, Param, RunTag
from sqlalchemy import text

from flowship.artifacts.location import ArtifactLocation
from flowship.database.engine import open_engine
from flowship.garbage import garbage
from flowship.garbage.tables import read_tables
from flowship.mlflow_seams.installation import quiet
from tests.databases import tracking_at

if TYPE_CHECKING:
    from mlflow.entities import Run
    from sqlalchemy import URL

    from flowship.garbage.report import Report

LONG_AGO = 90 * 86_400_000
"""Milliseconds; a collection takes what was deleted before 30 days."""
MONTH = timedelta(days=30)

_numbers = itertools.count()


@dataclass
class World:
    """One database, and the directory behind the server."""

    url: URL
    root: Path
    store: Any = field(init=False)
    registry: Any = field(init=False)

    def __post_init__(self) -> None:
        address = self.url.render_as_string(hide_password=False)
        with quiet():
            from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
            from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

            self.store = SqlAlchemyStore(address, "mlflow-artifacts:/")
            self.registry = Registry(address)

    def experiment(self) -> str:
        """Make an experiment, as a server does whose artifacts are behind it."""
        return str(self.store.create_experiment(f"experiment-{next(_numbers)}"))

    def run(self, experiment: str, *files: str) -> str:
        """Make a run with a metric, a param, a tag and files."""
        run: Run = self.store.create_run(experiment, "ada", 1, [RunTag("a", "b")], "")
        name: str = run.info.run_id
        self.store.log_batch(name, [Metric("loss", 0.5, 1, 0)], [Param("rate", "1")], [])
        for each in files:
            self.write(run.info.artifact_uri, each)
        return name

    def write(self, uri: str, name: str, content: str = "content") -> Path:
        """Write an artifact where the server would."""
        file = self.folder(uri) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def folder(self, uri: str) -> Path:
        return self.root / uri.removeprefix("mlflow-artifacts:/")

    def files(self) -> set[str]:
        return {str(each.relative_to(self.root)) for each in self.root.rglob("*") if each.is_file()}

    def long_ago(self) -> None:
        """Let what was deleted have been so for three months."""
        past = int(time.time() * 1000) - LONG_AGO
        for table, column in (
            ("runs", "deleted_time"),
            ("experiments", "last_update_time"),
            ("logged_models", "last_updated_timestamp_ms"),
        ):
            self.execute(f"UPDATE {table} SET {column} = {past} WHERE lifecycle_stage = 'deleted'")  # noqa: S608 - ours

    def place(self, run: str, uri: str) -> None:
        """Write another address of a run's artifacts into its row."""
        self.execute(f"UPDATE runs SET artifact_uri = '{uri}' WHERE run_uuid = '{run}'")  # noqa: S608 - ours

    def execute(self, statement: str) -> None:
        with open_engine(self.url).begin() as connection:
            connection.execute(text(statement))

    def scalars(self, statement: str) -> list[Any]:
        with open_engine(self.url).connect() as connection:
            return list(connection.execute(text(statement)).scalars())

    def rows(self) -> dict[str, int]:
        """Count the rows of each of MLflow's tables that has some."""
        tables = read_tables(open_engine(self.url))
        counted = {name: self.scalars(f"SELECT COUNT(*) FROM {name}")[0] for name in tables.tables}  # noqa: S608 - MLflow's names
        return {name: count for name, count in counted.items() if count}

    @property
    def location(self) -> ArtifactLocation:
        return ArtifactLocation(self.root.as_uri(), proxied=True)

    def collect(self, *, dry_run: bool = False, age: timedelta = MONTH, at: ArtifactLocation | None = None) -> Report:
        return garbage.collect(tracking_at(self.url), at or self.location, age, lambda _: None, dry_run=dry_run)
