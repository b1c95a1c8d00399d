"""What the query of a hot route asks, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from flowship.mlflow_seams.tracking import store as seam
from flowship.tracking.reads import links_to_models

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from flowship.tracking.reads import Json, Readers
    from flowship.tracking.sender import Sender

Query = dict[str, str]

NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
"""A number that has one spelling only, and fits into 64 bits."""

PAGE = range(1, 2**31)
"""Sizes of a page that protobuf and MLflow take."""


def _anyone(sender: Sender, found: Json) -> bool:
    return True


class Asked(NamedTuple):
    """A question that is understood."""

    read: Callable[[Connection, Readers], Json | None]
    may_ask: Callable[[Sender], bool]
    """Whether the sender may ask it; decided before anything is read, and without a connection that others wait for."""
    may_have: Callable[[Sender, Json], bool] = _anyone
    """Whether the sender may have this answer, where only the answer tells."""


def get_run(query: Query) -> Asked | None:
    """What `runs/get` asks."""
    run_id = _run(query)
    if not run_id:
        return None
    return Asked(
        lambda connection, readers: readers.runs.read(connection, run_id),
        lambda sender: sender.may_use_run(run_id, "read"),
        lambda sender, run: sender.may_everything or not links_to_models(run),
    )


def get_metric_history(query: Query) -> Asked | None:
    """What `metrics/get-history` asks."""
    run_id, key = _run(query, {"metric_key", "max_results", "page_token"}), query.get("metric_key")
    offset = seam.offset_of(query["page_token"]) if query.get("page_token") else 0
    limit = query.get("max_results")
    if not run_id or not key or offset is None or (limit is not None and not _is_page_size(limit)):
        return None

    def read(connection: Connection, readers: Readers) -> Json:
        points, more = readers.history.read(connection, run_id, key, offset, int(limit) if limit else None)
        answer: Json = {"metrics": points} if points else {}
        return {**answer, "next_page_token": seam.page_token(offset + len(points))} if more else answer

    return Asked(read, lambda sender: sender.may_use_run(run_id, "read"))


def get_experiment(query: Query) -> Asked | None:
    """What `experiments/get` asks."""
    number = query.get("experiment_id", "")
    if len(query) != 1 or not NUMBER.fullmatch(number):
        return None
    return Asked(
        lambda connection, readers: readers.experiments.by_id(connection, int(number)),
        lambda sender: sender.may_read_experiment(number),
    )


def get_experiment_by_name(query: Query) -> Asked | None:
    """What `experiments/get-by-name` asks."""
    name = query.get("experiment_name")
    if len(query) != 1 or not name:
        return None
    return Asked(
        lambda connection, readers: readers.experiments.by_name(connection, name),
        lambda sender: True,
        lambda sender, found: sender.may_read_experiment(found["experiment"]["experiment_id"]),
    )


READS: dict[str, Callable[[Query], Asked | None]] = {
    "GetRun": get_run,
    "GetMetricHistory": get_metric_history,
    "GetExperiment": get_experiment,
    "GetExperimentByName": get_experiment_by_name,
}
"""What reads the query of each hot route that reads, by MLflow's name of its message."""


def _run(query: Query, others: AbstractSet[str] = frozenset()) -> str:
    """The run that the query names, once or by both of its names, beside what else it may say; empty if it does not."""
    run_id = query.get("run_id", "")
    return run_id if query.keys() <= {"run_id", "run_uuid", *others} and query.get("run_uuid", run_id) == run_id else ""


def _is_page_size(text: str) -> bool:
    return bool(NUMBER.fullmatch(text)) and int(text) in PAGE
