"""What requests that search say alike, for runs, experiments and traces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from flowship.mlflow_seams.tracking.paging import offset_of
from flowship.mlflow_seams.tracking.searching.runs import VIEWS, largest_page
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
    """Read the filter, order and page that are said, and the view and limit that are given, of a search for runs or
    experiments; None if one is not as clients send it."""
    if not isinstance(view, str) or view not in VIEWS:
        return None
    return page_of(said, limit, largest_page(), VIEWS[view])


def page_of(said: Mapping[str, Any], limit: Any, largest: int, stages: tuple[str, ...] = ()) -> Search | None:
    """Read the filter, order and page that are said, of up to `largest`, and the limit that is given; None if one is
    not as clients send it."""
    order_by = texts(said.get("order_by", []))
    filter_string, token = (said.get(name, "") for name in ("filter", "page_token"))
    if order_by is None or not isinstance(filter_string, str) or not isinstance(token, str):
        return None
    offset = offset_of(token)
    if offset is None or type(limit) is not int or not 0 < limit <= largest:
        return None
    return Search(Wanted(filter_string, order_by, stages), offset, limit)
