"""What requests for the histories of metrics ask: of one run, of several, or of several with some of their values.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.mlflow_seams.tracking import paging
from flowship.tracking.requests.asked import INT32, Asked, number, run_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.tracking.reading.readers import Readers
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.requests.asked import Query


def get_metric_history(query: Query) -> Asked | None:
    """Read what `metrics/get-history` asks."""
    run_id, key = run_of(query, {"metric_key", "max_results", "page_token"}), query.get("metric_key")
    offset = paging.offset_of(query["page_token"]) if query.get("page_token") else 0
    limit = number(query.get("max_results"), INT32[1:])
    if not run_id or not key or offset is None or (limit is None and "max_results" in query):
        return None

    def read(connection: Connection, readers: Readers) -> Json:
        points, more = readers.histories.of_run(connection, run_id, key, offset, limit)
        answer: Json = {"metrics": points} if points else {}
        return {**answer, "next_page_token": paging.page_token(offset + len(points))} if more else answer

    return Asked(lambda sender: read if sender.may_use_run(run_id, "read") else None)


def get_metric_history_bulk(query: Query) -> Asked | None:
    """Read what `metrics/get-history-bulk` asks."""
    run_ids, key = query.get("run_id", []), query.get("metric_key")
    limit = number(query.get("max_results", str(paging.MOST_VALUES)), INT32[1:])
    if not query.keys() <= {"run_id", "metric_key", "max_results"} or not 0 < len(run_ids) <= paging.MOST_RUNS:
        return None
    if not key or not limit:
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        points = readers.histories.of_runs(connection, run_ids, key, min(limit, paging.MOST_VALUES))
        # MLflow writes what JSON has no number for in a way of its own here.
        return None if any(isinstance(point["value"], str) for point in points) else {"metrics": points}

    return Asked(lambda sender: read if sender.may_read_runs(run_ids) else None)


def get_sampled_history(query: Query) -> Asked | None:
    """Read what `metrics/get-history-bulk-interval` asks."""
    run_ids, key = query.get("run_ids", []), query.get("metric_key")
    limit = number(query.get("max_results", str(paging.MOST_SAMPLED)), range(1, paging.MOST_SAMPLED + 1))
    names = {"run_ids", "metric_key", "max_results", "start_step", "end_step"}
    if not query.keys() <= names or not 0 < len(run_ids) <= paging.MOST_RUNS or not key or not limit:
        return None
    between = [number(query[name], INT32) for name in ("start_step", "end_step") if name in query]
    first, last = between if len(between) == 2 else (0, None)
    if between and (first is None or last is None or first > last):
        return None

    def read(connection: Connection, readers: Readers) -> Json:
        steps = (first, last) if first is not None and last is not None else None
        points = readers.histories.sampled(connection, run_ids, key, limit, steps)
        return {"metrics": points} if points else {}

    return Asked(lambda sender: read if sender.may_read_runs(run_ids) else None)
