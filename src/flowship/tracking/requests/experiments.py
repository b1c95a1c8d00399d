"""What requests for experiments ask, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.run_searches import VIEWS, largest_page
from flowship.tracking.reading.experiment_search import Wanted
from flowship.tracking.requests.asked import NUMBER, Asked, number, texts

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.tracking.reading.readers import Readers
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.requests.asked import Query, Read
    from flowship.tracking.requests.sender import Sender


def get_experiment(query: Query) -> Asked | None:
    """Read what `experiments/get` asks."""
    experiment_id = query.get("experiment_id", "")
    if len(query) != 1 or not NUMBER.fullmatch(experiment_id):
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        return readers.experiments.by_id(connection, int(experiment_id))

    return Asked(lambda sender: read if sender.may_read_experiment(experiment_id) else None)


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


def search_experiments(said: Query) -> Asked | None:
    """Read what `experiments/search` asks, by query or by body."""
    if not said.keys() <= {"view_type", "max_results", "order_by", "filter", "page_token"}:
        return None
    limit, order_by = said.get("max_results"), texts(said.get("order_by", []))
    filter_string, token = (said.get(name, "") for name in ("filter", "page_token"))
    view = said.get("view_type", "ACTIVE_ONLY")
    if not (isinstance(filter_string, str) and isinstance(token, str) and isinstance(view, str) and view in VIEWS):
        return None
    offset, sizes = seam.offset_of(token), range(1, largest_page() + 1)
    limit = number(limit, sizes) if isinstance(limit, str) else limit
    if order_by is None or offset is None or type(limit) is not int or limit not in sizes:
        return None
    size, start, wanted = limit, offset, Wanted(filter_string, order_by, VIEWS[view])

    def reading(sender: Sender) -> Read | None:
        finds = sender.finds_experiments()
        if finds is None:
            return None
        return lambda connection, readers: readers.experiment_search.read(connection, wanted, start, size, finds)

    return Asked(reading)
