"""What requests for traces ask, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking import store as seam
from flowship.mlflow_seams.tracking.trace_searches import DEFAULT_PAGE, LARGEST_PAGE
from flowship.tracking.reading.trace_search import Wanted
from flowship.tracking.requests.asked import NUMBER, Asked, texts

if TYPE_CHECKING:
    from flowship.tracking.requests.asked import Read
    from flowship.tracking.requests.sender import Sender

MOST_PLACES = 1_000
"""Experiments whose traces are searched at once here at most."""


def search_traces(body: dict[str, Any]) -> Asked | None:
    """Read what `traces/search` asks."""
    if not body.keys() <= {"locations", "filter", "max_results", "order_by", "page_token"}:
        return None
    numbers, order_by = _experiments(body.get("locations")), texts(body.get("order_by", []))
    filter_string, token, limit = body.get("filter", ""), body.get("page_token", ""), body.get("max_results")
    if numbers is None or order_by is None or not isinstance(filter_string, str) or not isinstance(token, str):
        return None
    offset, size = seam.offset_of(token), DEFAULT_PAGE if "max_results" not in body else limit
    if offset is None or type(size) is not int or not 0 < size <= LARGEST_PAGE:
        return None
    start, wanted, experiments = offset, Wanted(filter_string, order_by), [int(number) for number in numbers]

    def reading(sender: Sender) -> Read | None:
        if not sender.may_search_traces(numbers, filter_string, order_by):
            return None
        hidden = sender.hidden_of_traces(numbers)
        return lambda connection, readers: readers.trace_search.read(
            connection, wanted, experiments, start, size, hidden
        )

    return Asked(reading, is_compact=True)


def _experiments(said: Any) -> list[str] | None:
    """Give the experiments, each once, of a list of places that are nothing else."""
    if not isinstance(said, list) or not 0 < len(said) <= MOST_PLACES:
        return None
    found = [experiment_of(place) for place in said]
    return None if None in found else list(dict.fromkeys(number for number in found if number is not None))


def experiment_of(place: Any) -> str | None:
    """Give the experiment that a place of traces is."""
    if not isinstance(place, dict) or place.keys() | {"type"} != {"type", "mlflow_experiment"}:
        return None
    experiment = place["mlflow_experiment"]
    if place.get("type", "MLFLOW_EXPERIMENT") != "MLFLOW_EXPERIMENT" or not isinstance(experiment, dict):
        return None
    number = experiment.get("experiment_id")
    return number if len(experiment) == 1 and isinstance(number, str) and NUMBER.fullmatch(number) else None
