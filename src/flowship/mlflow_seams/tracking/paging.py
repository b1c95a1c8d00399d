"""The pages in which MLflow answers: how much each holds at most, and the tokens of the next ones."""

from __future__ import annotations

from flowship.mlflow_seams.tracking.refusing import result

MOST_RUNS = 100
"""Runs whose histories may be asked for at once."""

MOST_SAMPLED = 2_500
"""Values of each run that a sampled history has at most."""

MOST_VALUES = 25_000
"""Values that the histories of several runs have at most in one answer."""


def offset_of(page_token: str) -> int | None:
    """Tell where the page begins that the token stands for; None if it is none of MLflow's."""
    from mlflow.utils.search_utils import SearchUtils

    found = result(SearchUtils.parse_start_offset_from_page_token, page_token)
    return found if isinstance(found, int) else None


def page_token(offset: int) -> str:
    """Give the token of the page that begins there."""
    from mlflow.utils.search_utils import SearchUtils

    token = SearchUtils.create_page_token(offset)
    return token.decode() if isinstance(token, bytes) else str(token)
