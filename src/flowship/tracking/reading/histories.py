"""The values of one metric, in MLflow's order: of one run or of several, all of them or some."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from flowship.tracking.reading.rows import point, points_of
from flowship.tracking.reading.statement import Statement, among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Dialect, Select, Table

    from flowship.mlflow_seams.tracking.store import Tables
    from flowship.tracking.reading.rows import Json


class HistoryReader:
    """Reads histories of metrics."""

    def __init__(self, tables: Tables, dialect: Dialect) -> None:
        metrics = tables.metrics
        of_metric = metrics.c.key == bindparam("key")
        in_order = (metrics.c.timestamp, metrics.c.step, metrics.c.value)
        every = (
            points_of(metrics)
            .where(metrics.c.run_uuid == bindparam("run_id"), of_metric)
            .order_by(*in_order)
            .offset(bindparam("offset"))
        )
        self._all = Statement(every, dialect)
        self._some = Statement(every.limit(bindparam("limit")), dialect)
        self._of_runs = Statement(
            points_of(metrics)
            .add_columns(metrics.c.run_uuid)
            .where(among(metrics.c.run_uuid, "run_ids", dialect), of_metric)
            .order_by(metrics.c.run_uuid, *in_order)
            .limit(bindparam("limit")),
            dialect,
        )
        self._sampled = Statement(_sampled(metrics, dialect, within_steps=False), dialect)
        self._sampled_within = Statement(_sampled(metrics, dialect, within_steps=True), dialect)

    def of_run(
        self, connection: Connection, run_id: str, key: str, offset: int, limit: int | None
    ) -> tuple[list[Json], bool]:
        """Give the values of a run from `offset` on, at most `limit` of them, and whether there are more."""
        asked: Json = {"run_id": run_id, "key": key, "offset": offset}
        if limit is None:
            rows = self._all.rows(connection, asked)
        else:
            rows = self._some.rows(connection, {**asked, "limit": limit + 1})
        points = [point(*row) for row in rows]
        return points[:limit], limit is not None and len(points) > limit

    def of_runs(self, connection: Connection, run_ids: Sequence[str], key: str, limit: int) -> list[Json]:
        """Give the first values of these runs, at most `limit` in all."""
        rows = self._of_runs.rows(connection, {"run_ids": run_ids, "key": key, "limit": limit})
        return [point(*values) | {"run_id": run_id} for *values, run_id in rows]

    def sampled(
        self, connection: Connection, run_ids: Sequence[str], key: str, limit: int, steps: tuple[int, int] | None
    ) -> list[Json]:
        """Up to `limit` values of each of these runs, in equal distances, the last of all among them."""
        asked = {"run_ids": run_ids, "key": key, "buckets": limit}
        if steps:
            rows = self._sampled_within.rows(connection, {**asked, "first": steps[0], "last": steps[1]})
        else:
            rows = self._sampled.rows(connection, asked)
        found: dict[str, list[Json]] = defaultdict(list)
        for run_id, begins_bucket, *values in rows:
            if not begins_bucket and len(found[run_id]) == limit:
                found[run_id].pop()  # for the last of all, which begins none
            found[run_id].append(point(key, *values) | {"run_id": run_id})
        return [each for run_id in run_ids for each in found[run_id]]


def _sampled(metrics: Table, dialect: Dialect, *, within_steps: bool) -> Select[Any]:
    """Give the first value of each of so many buckets of equal size, and the last of all, of each run.

    MLflow asks the same of each run in two statements; here windows over the runs are one.
    """
    values = (metrics.c.value, metrics.c.timestamp, metrics.c.step, metrics.c.is_nan)
    order = ("step", "timestamp", "value", "is_nan")
    buckets: Any = bindparam("buckets")
    bucket = func.ntile(buckets).over(partition_by=metrics.c.run_uuid, order_by=[metrics.c[name] for name in order])
    wanted = [among(metrics.c.run_uuid, "run_ids", dialect), metrics.c.key == bindparam("key")]
    if within_steps:
        wanted += [metrics.c.step >= bindparam("first"), metrics.c.step <= bindparam("last")]
    placed = select(metrics.c.run_uuid, *values, bucket.label("bucket")).where(*wanted).subquery()
    window: dict[str, Any] = {"partition_by": placed.c.run_uuid, "order_by": [placed.c[name] for name in order]}
    before, after = (step(placed.c.bucket).over(**window) for step in (func.lag, func.lead))
    beside = select(placed, before.label("before"), after.label("after")).subquery()
    begins = or_(beside.c.before.is_(None), beside.c.before != beside.c.bucket)
    return (
        select(
            *(beside.c.run_uuid, begins.label("begins_bucket")),
            *(beside.c[name] for name in ("value", "timestamp", "step", "is_nan")),
        )
        .where(or_(begins, beside.c.after.is_(None)))
        .order_by(beside.c.run_uuid, *(beside.c[name] for name in order))
    )
