"""How many entries the lists and objects of one request may have, where MLflow sets no limit.

Each entry is a row to write, a condition to put into a statement or a permission to ask for: by the hundred thousand,
each of them is work for minutes, for one request of some megabytes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ENTRIES = 1_000
"""Entries of one list of objects, or of one object: what MLflow's clients send at most in one batch."""

VALUES = 10_000
"""Entries of a list of plain values, such as ids: a page of a search asks for all experiments by their ids."""

CONDITIONS = 50
"""Entries of a list of what a search must compute for each row, as in the filter of other searches."""

NAMED = {
    "locations": VALUES,
    "parts": 10_000,
    "records": 10_000,
    "filters": CONDITIONS,
    "aggregations": CONDITIONS,
    "dimensions": CONDITIONS,
}
"""Limits of single lists: experiments of a search for traces; parts of a file, of which S3 takes so many; records of a
dataset, which MLflow's client sends in one request; and what statistics of traces are made of."""

TEXTS = ("records", "tags")
"""Fields of a request that may hold JSON as a text, in which each entry is work too."""

LONGEST = 200
"""Characters of a path that are repeated to whoever sent it."""

ALL = 60_000
"""Entries of all lists and objects of a request together."""


def excess(body: dict[str, Any]) -> str | None:
    """Say why a request brings too much at once; None where it does not. A larger one takes no longer to judge."""
    left = ALL
    for path, name, held in _containers(body):
        left -= len(held)
        if len(held) > (limit := _limit(name, held)):
            return f"{path[:LONGEST]}: has {len(held)} entries, and may have {limit}. Send fewer at once."
        if left < 0:
            return f"The request has more than {ALL} entries in its lists and objects. Send less at once."
    return None


def _limit(name: str, held: list[Any] | dict[str, Any]) -> int:
    if isinstance(held, list) and name in NAMED:
        return NAMED[name]
    are_values = isinstance(held, list) and not any(isinstance(each, (dict, list)) for each in held[: VALUES + 1])
    return VALUES if are_values else ENTRIES


def _containers(body: dict[str, Any]) -> Iterator[tuple[str, str, list[Any] | dict[str, Any]]]:
    """Each list and object of the body, itself too: its path, the name of its field, and what it holds. What the
    entries of a text hold is kept as it is, and not counted."""
    for name in TEXTS:
        if isinstance(text := body.get(name), str) and isinstance(held := _parsed(text), (dict, list)):
            yield name, name, held
    waiting: list[tuple[str, str, Any]] = [("The request", "", body)]
    while waiting:
        path, name, held = waiting.pop()
        yield path, name, held
        if isinstance(held, dict):
            prefix = "" if held is body else f"{path}."
            waiting += [(f"{prefix}{key}", key, each) for key, each in held.items() if isinstance(each, (dict, list))]
        else:
            waiting += [(f"{path}[{at}]", name, each) for at, each in enumerate(held) if isinstance(each, (dict, list))]


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # which is for MLflow to say
        return None
