"""A program that asks MLflow's own handlers and the hot API for the same histories of several runs, and fails where
answers differ. Its arguments are those of `twins.py`.
"""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from tests.integration.tracking.sides import Sides, main, many, mostly

AJAX = "/ajax-api/2.0/mlflow/metrics"
VALUES = [0.0, 1.0, -1.5, float("nan"), 1e300, 5e-324]


def fill(sides: Sides) -> list[str]:
    """Runs with different numbers of values, of which many have one step; their ids."""
    from mlflow.entities import Metric

    chosen = random.Random(7)  # noqa: S311 - no secret
    runs = [sides.new_run() for _ in range(4)]
    for run, count in zip(runs, (0, 1, 7, 300), strict=True):
        points = {
            (chosen.choice(VALUES[: 6 if run != runs[2] else 3]), chosen.randrange(3), chosen.randrange(count))
            for _ in range(count)
        }
        sides.store.log_batch(run, [Metric("loss", *one) for one in points], [], [])
    return runs


ODD: st.SearchStrategy[Any] = st.sampled_from(["", "x", "-1", "0", "01", "2501", "2147483648", "1.5", "٣"])
STEPS = mostly(st.integers(0, 300).map(str), ODD)
RISING = st.tuples(st.integers(0, 9), st.integers(9, 300)).map(lambda steps: [str(step) for step in steps])
BETWEEN = mostly(st.just([]) | RISING, st.lists(STEPS, max_size=2))
PLACES: st.SearchStrategy[list[int]] = st.lists(st.sampled_from([0, 1, 2, 2, 3, 9]), min_size=1, max_size=5) | st.just(
    []
)
KEYS = st.sampled_from([*["loss"] * 17, "none", "", None])
LIMITS = mostly(st.sampled_from(["1", "2", "3", "7", "10", "250", "2500", "25000"]), ODD)


STRANGE = "0"
"""After a run's id it makes one that no run has, and that is longer than what the database keeps."""

RARELY = st.sampled_from([False] * 19 + [True])


def same(sides: Sides) -> None:
    """Ask both routes for histories of any of the runs."""
    runs = fill(sides)

    @many
    @given(
        places=PLACES,
        key=KEYS,
        limit=st.one_of(st.none(), LIMITS),
        steps=BETWEEN,
        odd=RARELY,
    )
    def twins(places: list[int], key: str | None, limit: str | None, steps: list[str], odd: bool) -> None:
        some = [runs[place] if place < len(runs) else f"{runs[place % 4]}{STRANGE}" for place in places]
        more = [("metric_key", key)] * (key is not None) + [("max_results", limit)] * (limit is not None)
        more += [("odd", "1")] * odd
        between = list(zip(("start_step", "end_step"), steps, strict=False))
        sides.compare("", "GET", f"{AJAX}/get-history-bulk", urlencode([*(("run_id", run) for run in some), *more]))
        asked = [*(("run_ids", run) for run in some), *more, *between]
        sides.compare("", "GET", f"{AJAX}/get-history-bulk-interval", urlencode(asked))

    twins()


if __name__ == "__main__":
    main(same)
