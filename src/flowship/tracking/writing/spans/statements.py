"""The statements that write traces, made once for a kind of database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, union_all, update

from flowship.mlflow_seams.tracking.traces import tables as seam
from flowship.tracking.writing import conflicts
from flowship.tracking.writing.statements import ManyRows

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Select, Update
    from sqlalchemy.sql.selectable import CompoundSelect

    from flowship.mlflow_seams.tracking.traces.tables import TraceTables


class SpanStatements:
    """The statements for one kind of database, a key of `INSERTS`."""

    def __init__(self, tables: TraceTables, dialect: str) -> None:
        experiments, infos, metadata = tables.experiments, tables.infos, tables.metadata
        tags, spans = tables.tags, tables.spans
        ids: BindParameter[Any] = bindparam("ids", expanding=True)
        self.experiments: Select[Any] = select(experiments.c.experiment_id, experiments.c.artifact_location).where(
            experiments.c.experiment_id.in_(ids), experiments.c.lifecycle_stage == "active"
        )
        self.locked: Select[Any] = (
            select(infos).where(infos.c.request_id.in_(ids)).order_by(infos.c.request_id).with_for_update()
        )
        self.marks: CompoundSelect[Any] = union_all(
            select(metadata.c.request_id, metadata.c.key).where(
                metadata.c.request_id.in_(ids), metadata.c.key == seam.FINALIZED
            ),
            select(tags.c.request_id, tags.c.key).where(
                tags.c.request_id.in_(ids), tags.c.key == seam.SPANS_LOCATION, tags.c.value != seam.IN_DATABASE
            ),
        )
        self.stored: Select[Any] = select(
            spans.c.trace_id, spans.c.span_id, spans.c.parent_span_id, spans.c.content
        ).where(spans.c.trace_id.in_(ids), spans.c.content != "")
        self.new_infos = ManyRows(infos, dialect, conflicts.keeping)
        self.tags = ManyRows(tags, dialect, conflicts.replacing)
        self.metadata = ManyRows(metadata, dialect, conflicts.replacing)
        self.users = ManyRows(metadata, dialect, conflicts.keeping)
        self.spans = ManyRows(spans, dialect, conflicts.replacing)
        self.changed_infos: Update = update(infos).where(infos.c.request_id == bindparam("_id"))
        self.moved_assessments: Update = (
            update(tables.assessments)
            .where(tables.assessments.c.trace_id == bindparam("_id"))
            .values(trace_timestamp_ms=bindparam("_ms"))
        )
