"""Traces that their clients have ended: what is said of each as a whole, in one transaction, and what is answered.

None stands here for what MLflow must do itself; nothing is written then.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, select, update

from flowship.mlflow_seams.tracking.traces import tables as seam
from flowship.mlflow_seams.tracking.traces.ends import NAME
from flowship.tracking.reading.traces import Hidden, WholeTraces
from flowship.tracking.writing.spans.statements import SpanStatements

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Dialect

    from flowship.mlflow_seams.tracking.traces.tables import TraceTables
    from flowship.tracking.reading.rows import Json


class EndedTrace(NamedTuple):
    """What a client says of a trace."""

    trace_id: str
    experiment_id: int
    columns: Mapping[str, Any]
    """What is kept with the trace itself; of what is left out, what spans have said stays."""
    tags: Mapping[str, str]
    metadata: Mapping[str, str]


class _KeptTrace(NamedTuple):
    """What is known of a trace that is there."""

    row: Mapping[str, Any]
    tags: Mapping[str, str]


class TraceWriter:
    """Writes what is said of traces to one kind of database, one to which spans are written too."""

    def __init__(self, tables: TraceTables, dialect: Dialect) -> None:
        spans, assessments, tags = tables.spans, tables.assessments, tables.tags
        self._columns = tables.infos.c.keys()
        self._statements = SpanStatements(tables, dialect.name)
        self._whole = WholeTraces(tables, dialect)
        self._tags = select(tags.c.key, tags.c.value).where(tags.c.request_id == bindparam("id"))
        self._spans = (
            update(spans)
            .where(spans.c.trace_id == bindparam("_id"), spans.c.experiment_id != bindparam("_experiment"))
            .values(experiment_id=bindparam("_experiment"))
        )
        self._assessments = (
            update(assessments)
            .where(assessments.c.trace_id == bindparam("_id"))
            .values(experiment_id=bindparam("_experiment"), trace_timestamp_ms=bindparam("_began"))
        )

    def end(self, connection: Connection, trace: EndedTrace) -> Json | None:
        """Write it, and give the trace as MLflow answers it."""
        if seam.counts_days():
            return None
        asked = {"ids": [trace.experiment_id]}
        places = [place for _, place in connection.execute(self._statements.experiments, asked) if place is not None]
        known = self._known(connection, trace.trace_id) if places else None
        row = self._row(connection, trace, known) if places else None
        if row is None:
            return None
        key, location = seam.artifact_tag(places[0], trace.trace_id)
        self._statements.tags.write(connection, _rows(trace.trace_id, {**trace.tags, key: location}))
        self._statements.metadata.write(connection, _rows(trace.trace_id, trace.metadata))
        found = self._whole.read(connection, [SimpleNamespace(**row)], Hidden())
        if not found:
            raise ValueError(trace.trace_id)  # nothing is written: MLflow does it
        [told] = found
        if known:  # MLflow tells the tags that were there, as they are now, and no new ones
            tags = {tag: value for tag, value in told.pop("tags").items() if tag in {*known.tags, NAME}}
            told |= {"tags": tags} if tags else {}
        return {"trace": {"trace_info": told}}

    def _known(self, connection: Connection, trace_id: str) -> _KeptTrace | None:
        """Lock the trace, and give what is known of it; None if it is not there."""
        row = connection.execute(self._statements.locked, {"ids": [trace_id]}).mappings().one_or_none()
        if row is None:
            return None
        tags = connection.execute(self._tags, {"id": trace_id}).tuples().all()
        return _KeptTrace(dict(row), dict(tags))

    def _row(self, connection: Connection, trace: EndedTrace, known: _KeptTrace | None) -> Json | None:
        """Write the trace itself, and give its row."""
        if known:
            return self._changed(connection, trace, known)
        new = dict.fromkeys(self._columns) | {
            "request_id": trace.trace_id,
            "experiment_id": trace.experiment_id,
            "db_payload_generation": 0,
            **trace.columns,
        }
        # Where somebody has begun it meanwhile, MLflow looks once more.
        return new if self._statements.new_infos.write(connection, [new]) else None

    def _changed(self, connection: Connection, trace: EndedTrace, known: _KeptTrace) -> Json | None:
        """Change a trace that is there, if its spans are too."""
        row = known.row
        is_elsewhere = known.tags.get(seam.SPANS_LOCATION, seam.IN_DATABASE) != seam.IN_DATABASE
        if is_elsewhere or row["experiment_id"] != trace.experiment_id:
            return None
        changes = {**trace.columns, "db_payload_generation": row["db_payload_generation"] + 1}
        connection.execute(self._statements.changed_infos.values(changes), {"_id": trace.trace_id})
        moved = {"_id": trace.trace_id, "_experiment": trace.experiment_id}
        connection.execute(self._spans, moved)
        connection.execute(self._assessments, {**moved, "_began": trace.columns["timestamp_ms"]})
        return {**row, **changes}


def _rows(trace_id: str, texts: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"request_id": trace_id, "key": key, "value": value} for key, value in sorted(texts.items())]
