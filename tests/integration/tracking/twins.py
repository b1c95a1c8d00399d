"""A program that sends the same requests to MLflow's own handlers and to the hot API, about twin runs of one database,
and fails where answers or rows differ. Its arguments are the URL of a migrated database, and a number of examples.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.integration.tracking.sides import API, Sides, main, many, tied

# ------------------------------------------------------------------------------------------------- requests that differ

KEYS = st.sampled_from(
    [
        *("loss", "Loss", "loss ", "löss", "a/b", "ä 密", "x" * 250),
        *("x" * 251, "a//b", "../a", "", "😀", "n\0", "mlflow.runName"),
    ]
)
TEXTS = st.one_of(KEYS, st.text(max_size=20), st.just("v" * 6001), st.just("v" * 501))
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, "7", 1.5, [], {}, 2**63, -1, "NaN", "1e3"])
NUMBERS = st.sampled_from(["NaN", "Infinity", "-Infinity", 2**60, 2**64, 1e308, -0.0, 5e-324])
VALUES = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 3), NUMBERS, ODD)
TIMES = st.one_of(st.integers(0, 3), st.sampled_from([2**53 + 1, 2**63 - 1]), ODD)
STEPS = st.one_of(st.integers(-2, 3), st.sampled_from([2**63 - 1, -(2**63)]), ODD)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what is right."""
    return st.one_of(strategy, strategy, strategy, ODD)


METRIC = st.fixed_dictionaries(
    {"key": KEYS, "value": VALUES, "timestamp": TIMES}, optional={"step": STEPS, "model_id": st.just("m-1"), "odd": ODD}
)
GOOD_METRIC = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["loss", "acc"]),
        "value": st.one_of(st.integers(-2, 2), st.floats(-2, 2), st.just("NaN")),
        "timestamp": st.integers(0, 2),
        "step": st.integers(0, 2),
    }
)
PAIR = st.fixed_dictionaries({"key": KEYS, "value": TEXTS}, optional={"odd": ODD})
GOOD_PAIR = st.fixed_dictionaries({"key": st.sampled_from(["a", "b", "c"]), "value": st.sampled_from(["1", "2"])})
CASED_PAIR = st.fixed_dictionaries({"key": st.sampled_from(["a", "A", "b "]), "value": st.sampled_from(["1", "2"])})
BATCH = st.fixed_dictionaries(
    {},
    optional={
        "metrics": maybe(st.lists(st.one_of(GOOD_METRIC, GOOD_METRIC, METRIC), max_size=6)),
        "params": maybe(st.lists(st.one_of(GOOD_PAIR, PAIR), max_size=3)),
        "tags": maybe(st.lists(st.one_of(GOOD_PAIR, PAIR), max_size=3)),
    },
)
GOOD_BATCH = st.fixed_dictionaries(
    {
        "metrics": st.lists(GOOD_METRIC, max_size=8),
        "params": st.lists(GOOD_PAIR, max_size=2, unique_by=lambda pair: pair["key"]),
        "tags": st.lists(GOOD_PAIR, max_size=2, unique_by=lambda pair: pair["key"]),
    }
)
REQUESTS = st.one_of(
    st.tuples(st.just("log-metric"), st.one_of(GOOD_METRIC, METRIC)),
    st.tuples(st.just("log-batch"), st.one_of(GOOD_BATCH, BATCH)),
    st.tuples(st.just("log-parameter"), st.one_of(GOOD_PAIR, CASED_PAIR, PAIR)),
    st.tuples(st.just("set-tag"), st.one_of(GOOD_PAIR, PAIR)),
)
SEQUENCES = st.lists(REQUESTS, min_size=1, max_size=5)
PAGES = st.fixed_dictionaries(
    {}, optional={"max_results": st.sampled_from(["1", "2", "100", "0", "-1", "x", "2147483648"])}
)


def same(sides: Sides) -> None:
    """Send sequences of writes to twin runs, and read both back."""

    @many
    @given(sequence=SEQUENCES, page=PAGES, deleted=st.sampled_from([False] * 9 + [True]))
    def twins(sequence: list[tuple[str, dict[str, Any]]], page: dict[str, str], deleted: bool) -> None:
        theirs, ours = sides.new_run(), sides.new_run()
        if deleted:
            sides.store.delete_run(theirs)
            sides.store.delete_run(ours)
        for route, said in sequence:
            answers = []
            for side, run_id in ((sides.mlflow, theirs), (sides.flowship, ours)):
                body = json.dumps({"run_id": run_id, **said}).encode()
                answers.append(side("POST", f"{API}/runs/{route}", "", body))
            assert answers[0].without(theirs) == answers[1].without(ours), (route, said, answers)
            sides.count(f"runs/{route}", answers[1])
        assert sides.rows(theirs) == sides.rows(ours), sequence
        sides.compare(ours, "GET", f"{API}/runs/get", f"run_id={ours}&run_uuid={ours}")
        for key in ("loss", "none"):
            query = "".join(f"&{name}={value}" for name, value in page.items() if not tied(sides.rows(ours)["metrics"]))
            sides.compare(ours, "GET", f"{API}/metrics/get-history", f"run_id={ours}&metric_key={key}{query}")

    twins()
    for query in ("experiment_id=0", "experiment_id=00", "experiment_id=99", "experiment_id=x", ""):
        sides.compare("none", "GET", f"{API}/experiments/get", query)
    for query in ("experiment_name=Default", "experiment_name=default", "experiment_name=no", "experiment_name=", ""):
        sides.compare("none", "GET", f"{API}/experiments/get-by-name", query)


if __name__ == "__main__":
    main(same)
