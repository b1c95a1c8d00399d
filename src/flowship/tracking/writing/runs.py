"""Runs that are made and changed, each in one transaction, and what is answered of them.

None stands here for what MLflow must do itself; nothing is written then.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from flowship.mlflow_seams.tracking import run_changes as seam
from flowship.mlflow_seams.tracking.logged import RUN_NAME
from flowship.tracking.reading.rows import info
from flowship.tracking.reading.runs import COLUMNS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.writing.statements import Statements


class NewRun(NamedTuple):
    """A run that is to be made."""

    experiment_id: int
    name: str
    user_id: str
    start_time: int
    tags: tuple[tuple[str, str], ...]
    """Its tags in their order, its name among them."""


class RunChanges(NamedTuple):
    """What is to be changed of a run."""

    status: str | None
    end_time: int | None
    name: str
    """Its new name; empty if it keeps its own."""

    def of_columns(self) -> dict[str, Any]:
        """Give the new values of the columns that change."""
        said = {"status": self.status, "end_time": self.end_time, "name": self.name or None}
        return {column: value for column, value in said.items() if value is not None}


class RunWriter:
    """Makes and changes single runs."""

    def __init__(self, tables: Tables, statements: Statements) -> None:
        experiments, runs, tags = tables.experiments, tables.runs, tables.tags
        self._statements = statements
        self._location = select(experiments.c.artifact_location).where(
            experiments.c.experiment_id == bindparam("id"), experiments.c.lifecycle_stage == "active"
        )
        self._insert = insert(runs)
        self._run = select(*(runs.c[name] for name in COLUMNS)).where(runs.c.run_uuid == bindparam("run_id"))
        self._name_tag = select(tags.c.key, tags.c.value).where(
            tags.c.run_uuid == bindparam("run_id"), tags.c.key == RUN_NAME
        )
        self._update = update(runs).where(runs.c.run_uuid == bindparam("run_id"))

    def create(self, connection: Connection, wanted: NewRun) -> Json | None:
        """Make the run, and give it as `runs/create` answers it."""
        location = connection.execute(self._location, {"id": wanted.experiment_id}).scalar_one_or_none()
        run_id = uuid.uuid4().hex
        artifact_uri = seam.artifact_uri(location, run_id) if location else None
        if not artifact_uri:
            return None
        run = {
            **seam.NEW_RUN,
            "run_uuid": run_id,
            "name": wanted.name,
            "experiment_id": wanted.experiment_id,
            "user_id": wanted.user_id,
            "start_time": wanted.start_time,
            "artifact_uri": artifact_uri,
        }
        connection.execute(self._insert, run)
        self._statements.new_tags.write(connection, [_tag(run_id, key, value) for key, value in wanted.tags])
        tags = [{"key": key, "value": value} for key, value in wanted.tags]
        return {"run": {"info": info(run, tags), "data": {"tags": tags}, "inputs": {}}}

    def change(self, connection: Connection, run_id: str, wanted: RunChanges) -> Json | None:
        """Change the run, and give what `runs/update` answers of it."""
        rows = connection.execute(self._run, {"run_id": run_id}).mappings().all()
        if len(rows) != 1 or rows[0]["run_uuid"] != run_id or rows[0]["lifecycle_stage"] != "active":
            return None
        columns = wanted.of_columns()
        run = {**rows[0], **columns}
        tags = self._name_tags(connection, run_id) if wanted.name or not run["name"] else []
        said = info(run, tags)
        if said is None or any(tag["key"] != RUN_NAME for tag in tags):  # MySQL finds it in other spellings too
            return None
        if columns:
            connection.execute(self._update.values(columns), {"run_id": run_id})
        if wanted.name:
            self._statements.tags.write(connection, [_tag(run_id, RUN_NAME, wanted.name)])
        return {"run_info": said}

    def _name_tags(self, connection: Connection, run_id: str) -> list[Json]:
        return [dict(row) for row in connection.execute(self._name_tag, {"run_id": run_id}).mappings()]


def _tag(run_id: str, key: str, value: str) -> Json:
    return {"run_uuid": run_id, "key": key, "value": value}
