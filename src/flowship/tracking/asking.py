"""What a request to a hot route asks, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.run_searches import VIEWS, default_page, largest_page
from flowship.tracking.runs import links_to_models
from flowship.tracking.searches import Wanted

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Connection

    from flowship.tracking.reads import Readers
    from flowship.tracking.rows import Json
    from flowship.tracking.sender import Sender

    Read = Callable[[Connection, Readers], Json | None]

Query = dict[str, str]

NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
"""A number that has one spelling only, and fits into 64 bits."""

PAGE = range(1, 2**31)
"""Sizes of a page that protobuf and MLflow take."""


def _anyone(sender: Sender, found: Json) -> bool:
    return True


class Asked(NamedTuple):
    """A question that is understood."""

    reading: Callable[[Sender], Read | None]
    """What reads it for this sender; None for one who may not ask. Decided before anything is read, and without a
    connection that others wait for."""
    may_have: Callable[[Sender, Json], bool] = _anyone
    """Whether the sender may have this answer, where only the answer tells."""


def get_run(query: Query) -> Asked | None:
    """What `runs/get` asks."""
    run_id = _run(query)
    if not run_id:
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        return readers.runs.read(connection, run_id)

    return Asked(
        lambda sender: read if sender.may_use_run(run_id, "read") else None,
        lambda sender, found: not links_to_models(found["run"]) or sender.may_see_models(),
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

    return Asked(lambda sender: read if sender.may_use_run(run_id, "read") else None)


def get_experiment(query: Query) -> Asked | None:
    """What `experiments/get` asks."""
    number = query.get("experiment_id", "")
    if len(query) != 1 or not NUMBER.fullmatch(number):
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        return readers.experiments.by_id(connection, int(number))

    return Asked(lambda sender: read if sender.may_read_experiment(number) else None)


def get_experiment_by_name(query: Query) -> Asked | None:
    """What `experiments/get-by-name` asks."""
    name = query.get("experiment_name")
    if len(query) != 1 or not name:
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        return readers.experiments.by_name(connection, name)

    return Asked(
        lambda sender: read, lambda sender, found: sender.may_read_experiment(found["experiment"]["experiment_id"])
    )


def search_runs(body: dict[str, Any]) -> Asked | None:
    """What `runs/search` asks."""
    if not body.keys() <= {"experiment_ids", "filter", "run_view_type", "max_results", "order_by", "page_token"}:
        return None
    numbers, order_by = (_texts(body.get(name, [])) for name in ("experiment_ids", "order_by"))
    filter_string, token = (body.get(name, "") for name in ("filter", "page_token"))
    view, limit = body.get("run_view_type", "ACTIVE_ONLY"), body.get("max_results", default_page())
    if numbers is None or order_by is None or not all(map(NUMBER.fullmatch, numbers)):
        return None
    if not (isinstance(filter_string, str) and isinstance(token, str) and isinstance(view, str) and view in VIEWS):
        return None
    offset = seam.offset_of(token)
    if offset is None or type(limit) is not int or not 0 < limit <= largest_page():
        return None
    wanted = Wanted(filter_string, order_by, VIEWS[view])

    def reading(sender: Sender) -> Read:
        found = [int(number) for number in sender.experiments_with_runs(numbers)]
        return lambda connection, readers: readers.search.read(connection, wanted, found, offset, limit)

    return Asked(
        reading, lambda sender, found: not any(map(links_to_models, found.get("runs", ()))) or sender.may_see_models()
    )


READS: dict[str, Callable[[dict[str, Any]], Asked | None]] = {
    "GetRun": get_run,
    "GetMetricHistory": get_metric_history,
    "GetExperiment": get_experiment,
    "GetExperimentByName": get_experiment_by_name,
    "SearchRuns": search_runs,
}
"""What reads the query, or the body, of each hot route that reads, by MLflow's name of its message."""


def _run(query: Query, others: AbstractSet[str] = frozenset()) -> str:
    """The run that the query names, once or by both of its names, beside what else it may say; empty if it does not."""
    run_id = query.get("run_id", "")
    return run_id if query.keys() <= {"run_id", "run_uuid", *others} and query.get("run_uuid", run_id) == run_id else ""


def _texts(said: Any) -> tuple[str, ...] | None:
    """The texts of a list of them."""
    return tuple(said) if isinstance(said, list) and all(isinstance(each, str) for each in said) else None


def _is_page_size(text: str) -> bool:
    return bool(NUMBER.fullmatch(text)) and int(text) in PAGE
