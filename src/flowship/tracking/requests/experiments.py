"""What requests for experiments ask, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.tracking.requests.asked import NUMBER, Asked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.tracking.reading.readers import Readers
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.requests.asked import Query


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
