"""Traces in the words of MLflow's JSON: their tags and metadata, and what was said of how good they are.

None stands here for what MLflow must answer itself: what is not as MLflow writes it today.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Integer, literal_column, null, select, union_all

from flowship.mlflow_seams.tracking.searching import traces as seam
from flowship.tracking.reading.statement import Statement, among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Dialect

    from flowship.mlflow_seams.tracking.traces.tables import TraceTables
    from flowship.tracking.reading.rows import Json

TAG, METADATA, ASSESSMENT = range(3)
"""What a row is."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MOMENTS, DURATIONS = range(253_402_300_800_000), range(315_576_000_000_000)
"""Milliseconds that protobuf takes for a moment, and for a duration, without those below zero."""


class Hidden(NamedTuple):
    """What of traces is not told to the one who asks."""

    assessments_of: frozenset[str] = frozenset()
    """Experiments whose traces are told without assessments."""
    metadata: frozenset[str] = frozenset()
    """Keys of metadata that is not told."""


class WholeTraces:
    """Reads all that belongs to some traces, in one statement, and in another the assessments of those that have
    some."""

    def __init__(self, tables: TraceTables, dialect: Dialect) -> None:
        tags, metadata, assessments = tables.tags, tables.metadata, tables.assessments

        def kind(number: int) -> Any:
            return literal_column(str(number), Integer).label("kind")

        self._belongings = Statement(
            union_all(
                *(
                    select(kind(number), table.c.request_id, table.c.key, table.c.value).where(
                        among(table.c.request_id, "ids", dialect)
                    )
                    for number, table in ((TAG, tags), (METADATA, metadata))
                ),
                select(kind(ASSESSMENT), assessments.c.trace_id, null(), null()).where(
                    among(assessments.c.trace_id, "ids", dialect)
                ),
            ),
            dialect,
        )
        self._assessments = Statement(select(assessments).where(among(assessments.c.trace_id, "ids", dialect)), dialect)
        self._columns = assessments.c.keys()

    def read(self, connection: Connection, rows: Sequence[Any], hidden: Hidden) -> list[Json] | None:
        """Give the traces of these rows as a search answers them."""
        if not rows:
            return []
        texts: dict[int, dict[str, dict[str, str]]] = {TAG: defaultdict(dict), METADATA: defaultdict(dict)}
        assessed = set()
        for kind, trace_id, key, value in self._belongings.rows(connection, {"ids": [row.request_id for row in rows]}):
            if kind == ASSESSMENT:
                assessed.add(trace_id)
            else:
                texts[kind][trace_id][key] = value
        shown = [row.request_id for row in rows if str(row.experiment_id) not in hidden.assessments_of]
        assessments = self._assessments_of(connection, [trace_id for trace_id in shown if trace_id in assessed])
        found = []
        for row in rows:
            trace_id = row.request_id
            metadata = seam.told_metadata(texts[METADATA][trace_id], row)
            said = _trace(
                row,
                tags=seam.told_tags(texts[TAG][trace_id], row.trace_name),
                metadata={key: value for key, value in metadata.items() if key not in hidden.metadata},
                assessments=assessments[trace_id],
            )
            if said is None:
                return None
            found.append(said)
        return found

    def _assessments_of(self, connection: Connection, trace_ids: Sequence[str]) -> dict[str, list[Json]]:
        found: dict[str, list[Json]] = defaultdict(list)
        if trace_ids:
            for row in self._assessments.rows(connection, {"ids": trace_ids}):
                assessment = dict(zip(self._columns, row, strict=True))
                found[assessment["trace_id"]].append(seam.told_assessment(assessment))
        return found


def _trace(row: Any, *, tags: Json, metadata: Json, assessments: list[Json]) -> Json | None:
    """Put a trace together."""
    began, took = row.timestamp_ms, row.execution_time_ms
    if row.status not in seam.STATES or began not in MOMENTS or (took is not None and took not in DURATIONS):
        return None
    said: Json = {
        "trace_id": row.request_id,
        "client_request_id": row.client_request_id,
        "trace_location": {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": str(row.experiment_id)},
        },
        "request_preview": row.request_preview,
        "response_preview": row.response_preview,
        "request_time": moment(began),
        "execution_duration": None if took is None else duration(took),
        "state": row.status,
        "trace_metadata": metadata or None,
        "assessments": assessments or None,
        "tags": tags or None,
    }
    return {key: value for key, value in said.items() if value is not None}


def moment(milliseconds: int) -> str:
    """Write a moment as protobuf does, with a part of a second only where there is one."""
    seconds, rest = divmod(milliseconds, 1000)
    text = (EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    return f"{text}.{rest:03}Z" if rest else f"{text}Z"


def duration(milliseconds: int) -> str:
    """Write a duration as protobuf does."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds}.{rest:03}s" if rest else f"{seconds}s"
