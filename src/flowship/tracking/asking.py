"""What a request to a hot route asks, who may ask it, and how it is answered: one function for each route that reads.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.run_searches import VIEWS, default_page, largest_page
from flowship.tracking.asked import NUMBER, Asked, run_of, texts
from flowship.tracking.asking_histories import get_metric_history, get_metric_history_bulk, get_sampled_history
from flowship.tracking.runs import links_to_models
from flowship.tracking.searches import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from flowship.tracking.asked import Query, Read
    from flowship.tracking.reads import Readers
    from flowship.tracking.rows import Json
    from flowship.tracking.sender import Sender


def get_run(query: Query) -> Asked | None:
    """Read what `runs/get` asks."""
    run_id = run_of(query)
    if not run_id:
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        return readers.runs.read(connection, run_id)

    return Asked(
        lambda sender: read if sender.may_use_run(run_id, "read") else None,
        lambda sender, found: not links_to_models(found["run"]) or sender.may_see_models(),
    )


def get_experiment(query: Query) -> Asked | None:
    """Read what `experiments/get` asks."""
    number = query.get("experiment_id", "")
    if len(query) != 1 or not NUMBER.fullmatch(number):
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        return readers.experiments.by_id(connection, int(number))

    return Asked(lambda sender: read if sender.may_read_experiment(number) else None)


def get_experiment_by_name(query: Query) -> Asked | None:
    """Read what `experiments/get-by-name` asks."""
    name = query.get("experiment_name")
    if len(query) != 1 or not name:
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        return readers.experiments.by_name(connection, name)

    return Asked(
        lambda sender: read, lambda sender, found: sender.may_read_experiment(found["experiment"]["experiment_id"])
    )


def search_runs(body: dict[str, Any]) -> Asked | None:
    """Read what `runs/search` asks."""
    if not body.keys() <= {"experiment_ids", "filter", "run_view_type", "max_results", "order_by", "page_token"}:
        return None
    numbers, order_by = (texts(body.get(name, [])) for name in ("experiment_ids", "order_by"))
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
    seam.HISTORY_BULK: get_metric_history_bulk,
    "GetMetricHistoryBulkInterval": get_sampled_history,
    "GetExperiment": get_experiment,
    "GetExperimentByName": get_experiment_by_name,
    "SearchRuns": search_runs,
}
"""What reads the query, or the body, of each hot route that reads, by MLflow's name of its message."""

LISTS = {seam.HISTORY_BULK: "run_id", "GetMetricHistoryBulkInterval": "run_ids"}
"""What a query may say more than once."""

LONG = frozenset({"SearchRuns", *LISTS})
"""What a database may work on for long, whatever it is asked."""
