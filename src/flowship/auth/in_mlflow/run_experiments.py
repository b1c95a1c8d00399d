"""Which experiment a run belongs to, which MLflow looks up before each request about a run, by reading the whole run.

A run never leaves its experiment, so that is remembered as long as there is room; what the user may do with the
experiment is still asked.
"""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from cachetools import LRUCache

if TYPE_CHECKING:
    from collections.abc import Callable

    Fetch = Callable[[str], Any]
    Lookup = Callable[[Fetch, str], Any]

SIZE = 100_000
"""Runs that are remembered at most, about 20 MB; those that were looked up longest ago go first."""


def with_known_runs(lookup: Lookup) -> Lookup:
    """Wrap MLflow's look-up, so that it asks once for what is read by `get_run`.

    That a run does not exist is not remembered.
    """
    known: LRUCache[str, Any] = LRUCache(SIZE)
    lock = threading.Lock()

    def look_up(fetch: Fetch, resource_id: str) -> Any:
        if getattr(fetch, "__name__", "") != "get_run":
            return lookup(fetch, resource_id)
        with lock:
            if experiment_id := known.get(resource_id):
                return _run(experiment_id)
        run = lookup(fetch, resource_id)
        if run is None:
            return None
        with lock:
            known[resource_id] = run.info.experiment_id
        return _run(run.info.experiment_id)

    return look_up


def _run(experiment_id: str) -> SimpleNamespace:
    """Read what MLflow reads of a run to authorize a request, and nothing else."""
    return SimpleNamespace(info=SimpleNamespace(experiment_id=experiment_id))
