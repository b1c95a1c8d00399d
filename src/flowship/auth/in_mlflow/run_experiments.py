"""Which experiment a run belongs to, by which MLflow decides each request about a run, and for which it reads the whole
run.

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


class RunExperiments:
    """Remembers the experiments of runs. That a run does not exist is not remembered."""

    def __init__(self) -> None:
        self._known: LRUCache[str, str] = LRUCache(SIZE)
        self._lock = threading.Lock()

    def of(self, run_id: str) -> str | None:
        """Give the experiment of the run, if it is remembered."""
        with self._lock:
            return self._known.get(run_id)

    def remember(self, run_id: str, experiment_id: str) -> None:
        """Remember the experiment of a run that was read."""
        with self._lock:
            self._known[run_id] = experiment_id


KNOWN = RunExperiments()
"""What this process remembers, whoever has read the run."""


def with_known_runs(
    lookup: Lookup,
    read: Callable[[Fetch, str], str | None] = lambda get_run, run_id: None,
    known: RunExperiments = KNOWN,
) -> Lookup:
    """Wrap MLflow's look-up, so that it asks once for what is read by `get_run`.

    `read` reads the experiment of a run alone; where it gives None, MLflow reads the run.
    """

    def look_up(fetch: Fetch, resource_id: str) -> Any:
        if getattr(fetch, "__name__", "") != "get_run":
            return lookup(fetch, resource_id)
        if (experiment_id := known.of(resource_id)) is not None:
            return _run(experiment_id)
        if (experiment_id := read(fetch, resource_id)) is None:
            run = lookup(fetch, resource_id)
            if run is None:
                return None
            experiment_id = run.info.experiment_id
        known.remember(resource_id, experiment_id)
        return _run(experiment_id)

    return look_up


def _run(experiment_id: str) -> SimpleNamespace:
    """Read what MLflow reads of a run to authorize a request, and nothing else."""
    return SimpleNamespace(info=SimpleNamespace(experiment_id=experiment_id))
