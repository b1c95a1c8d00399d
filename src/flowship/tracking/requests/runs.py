"""What requests for runs ask, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.run_searches import VIEWS, default_page, largest_page
from flowship.tracking.reading.run_search import Wanted
from flowship.tracking.reading.runs import links_to_models
from flowship.tracking.requests.asked import NUMBER, Asked, run_of, texts

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

    return Asked(
        lambda sender: read if sender.may_use_run(run_id, "read") else None,
        lambda sender, found: not links_to_models(found["run"]) or sender.may_see_models(),
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
