"""What requests for runs ask, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking.searching.runs import default_page
from flowship.tracking.reading.runs import links_to_models
from flowship.tracking.requests.asked import NUMBER, Asked, run_of, texts
from flowship.tracking.requests.searches import search_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from flowship.tracking.reading.readers import Readers
    from flowship.tracking.reading.rows import Json
    from flowship.tracking.requests.asked import Query, Read
    from flowship.tracking.requests.sender import Sender


def get_run(query: Query) -> Asked | None:
    """Read what `runs/get` asks."""
    run_id = run_of(query)
    if not run_id:
        return None

    def read(connection: Connection, readers: Readers) -> Json | None:
        return readers.runs.read(connection, run_id)

    def may_have(sender: Sender, found: Json) -> bool:
        run = found["run"]
        return sender.may_have_run(run_id, run["info"]["experiment_id"]) and (
            not links_to_models(run) or sender.may_see_models()
        )

    return Asked(lambda sender: read, may_have)


def search_runs(body: dict[str, Any]) -> Asked | None:
    """Read what `runs/search` asks."""
    if not body.keys() <= {"experiment_ids", "filter", "run_view_type", "max_results", "order_by", "page_token"}:
        return None
    numbers = texts(body.get("experiment_ids", []))
    search = search_of(body, body.get("run_view_type", "ACTIVE_ONLY"), body.get("max_results", default_page()))
    if numbers is None or search is None or not all(map(NUMBER.fullmatch, numbers)):
        return None
    wanted, offset, limit = search

    def read_for(sender: Sender) -> Read:
        found = [int(number) for number in sender.experiments_with_runs(numbers)]
        return lambda connection, readers: readers.search.read(connection, wanted, found, offset, limit)

    return Asked(
        read_for, lambda sender, found: not any(map(links_to_models, found.get("runs", ()))) or sender.may_see_models()
    )
