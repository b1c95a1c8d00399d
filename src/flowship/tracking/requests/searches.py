"""What requests that search say alike, for runs and for experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.run_searches import VIEWS, largest_page
from flowship.tracking.reading.searches import Wanted
from flowship.tracking.requests.asked import texts

if TYPE_CHECKING:
    from collections.abc import Mapping


class Search(NamedTuple):
    """A search that is understood: what is wanted, and which page of it."""

    wanted: Wanted
    offset: int
    limit: int


def search_of(said: Mapping[str, Any], view: Any, limit: Any) -> Search | None:
    """Read the filter, order and page that are said, and the view and limit that are given; None if one is not as
    clients send it."""
    order_by = texts(said.get("order_by", []))
    filter_string, token = (said.get(name, "") for name in ("filter", "page_token"))
    if not (isinstance(filter_string, str) and isinstance(token, str) and isinstance(view, str) and view in VIEWS):
        return None
    offset = seam.offset_of(token)
    if order_by is None or offset is None or type(limit) is not int or not 0 < limit <= largest_page():
        return None
    return Search(Wanted(filter_string, order_by, VIEWS[view]), offset, limit)
