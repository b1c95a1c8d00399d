"""What requests for traces ask, who may ask it, and how it is answered.

None stands here for a request that is not understood whole, or that only MLflow can answer: it then goes to MLflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.tracking.searching.traces import DEFAULT_PAGE, LARGEST_PAGE
from flowship.tracking.requests.asked import NUMBER, Asked
from flowship.tracking.requests.searches import page_of

if TYPE_CHECKING:
    from flowship.tracking.requests.asked import Read
    from flowship.tracking.requests.sender import Sender

MOST_PLACES = 1_000
"""Experiments whose traces are searched at once here at most."""


def search_traces(body: dict[str, Any]) -> Asked | None:
    """Read what `traces/search` asks."""
    if not body.keys() <= {"locations", "filter", "max_results", "order_by", "page_token"}:
        return None
    numbers = _experiments(body.get("locations"))
    search = page_of(body, body.get("max_results", DEFAULT_PAGE), LARGEST_PAGE)
    if numbers is None or search is None:
        return None
    (wanted, offset, limit), experiments = search, [int(number) for number in numbers]

    def read_for(sender: Sender) -> Read | None:
        if not sender.may_search_traces(numbers, wanted.filter_string, wanted.order_by):
            return None
        hidden = sender.hidden_of_traces(numbers)
        return lambda connection, readers: readers.trace_search.read(
            connection, wanted, experiments, offset, limit, hidden
        )

    return Asked(read_for, is_compact=True)


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
