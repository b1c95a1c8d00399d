"""What requests for experiments ask, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.tracking.requests.asked import INT32, NUMBER, Asked, number
from flowship.tracking.requests.searches import search_of

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
    limit = said.get("max_results")
    search = search_of(
        said, said.get("view_type", "ACTIVE_ONLY"), number(limit, INT32) if isinstance(limit, str) else limit
    )
    if search is None:
        return None
    wanted, start, size = search

    def read_for(sender: Sender) -> Read | None:
        finds = sender.finds_experiments()
        if finds is None:
            return None
        return lambda connection, readers: readers.experiment_search.read(connection, wanted, start, size, finds)

    return Asked(read_for)
