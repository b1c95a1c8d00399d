"""A program that sends the same searches for runs to MLflow's own handlers and to the hot API, and fails where answers
differ. Its arguments are those of `twins.py`.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowship.database.migrating.search_indexes import keep
from flowship.tracking.reading import run_statements
from flowship.tracking.reading.costs import Costs
from tests.databases import tracking_at
from tests.integration.tracking.sides import API, Sides, follow, main, many, mostly

# --------------------------------------------------------------------------------------------------- what there is

NAMES = ["a", "A", "a_b", "a.b", "ä 密", "a b", "a/b"]
"""Names of params and tags; some are one name in some collations, and are never in one run."""
VALUES = ["1", "one", "One", "o_e", "100%", "😀", "'", ""]


def fill(sides: Sides) -> list[str]:
    """Two experiments with runs that differ little, some deleted; their ids."""
    from mlflow.entities import (
        Dataset,
        DatasetInput,
        InputTag,
        LoggedModelInput,
        LoggedModelOutput,
        Metric,
        Param,
        RunTag,
    )

    store = sides.store
    experiments = [store.create_experiment(f"searched {number}") for number in range(2)]
    for number in range(24):
        name = ["", "one", "One", "two"][number % 4]
        run = store.create_run(experiments[number % 5 == 0], "ada", number // 3, [], name or None).info.run_id
        value = [0.5, 0.5, -1.0, float("nan"), float("inf"), 0.0][number % 6]
        metrics = [Metric("loss", value, 1, 0)] * (number % 7 > 0) + [Metric("a/b", number, 1, 0)] * (number % 3 > 0)
        params = [Param(NAMES[number % 7], VALUES[number % 8])] * (number % 5 > 0)
        store.log_batch(run, metrics, params, [RunTag(NAMES[number % 3], VALUES[number % 5])])
        if number % 4 == 1:
            used = [
                DatasetInput(
                    Dataset(f"d{one}", "x", "local", "s", "schema" * (one > 0)), [InputTag(TAG, CONTEXTS[one])]
                )
                for one in range(number % 3 + 1)
            ]
            store.log_inputs(run, used, [])
        if number % 8 == 2:
            model = store.create_logged_model(experiments[number % 5 == 0], source_run_id=run).model_id
            store.log_inputs(run, [], [LoggedModelInput(model)])
            store.log_outputs(run, [LoggedModelOutput(model, number)])
        if number % 6 == 5:
            store.delete_run(run)
        elif number % 6 == 4:
            store.update_run_info(run, 3, 100 + number % 12, None)
    return experiments


TAG = "mlflow.data.context"
CONTEXTS = ["train", "test", "Train"]

# ----------------------------------------------------------------------------------------------- searches that differ

KEYS = st.sampled_from(
    [
        *("metrics.loss", "metric.`a/b`", "metrics.none", "params.a", "params.`a b`", 'param."ä 密"', "parameters.A"),
        *(
            "tags.a",
            "tag.a_b",
            "tags.`mlflow.runName`",
            "tags.A",
            "attributes.status",
            "attribute.start_time",
            "run_name",
        ),
        *("attributes.`run name`", "created", "end_time", "artifact_uri", "run_id", "attributes.run_id", "user_id"),
        *("dataset.name", "datasets.digest", "dataset.context", "odd.key", "loss", "experiment_id", "params.a.b", ""),
    ]
)
COMPARATORS = st.sampled_from(
    ["=", "!=", ">", ">=", "<", "<=", "LIKE", "like", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL", "RLIKE", "=="]
)
OPERANDS = st.one_of(
    st.sampled_from(VALUES + NAMES).map(lambda value: "'" + value.replace("'", '"') + "'"),
    st.sampled_from(
        ["0.5", "-1", "0", "1e3", "3", "100", "'3'", "'o%'", "'%O%'", "'_ne'", "('a', 'one')", "'FINISHED'"]
    ),
    st.sampled_from(["('x')", "()", "'d0'", "'train'", "'T%'", "NULL", "", "'ä", "9999999999999999999999", "'\0'"]),
)
COMPARISONS = st.builds(lambda *parts: " ".join(parts), KEYS, COMPARATORS, OPERANDS)
GOOD = st.sampled_from(
    [
        *("metrics.loss > 0", "metrics.loss != 0.5", "metrics.`a/b` <= 12", "metrics.loss = 0", "params.a = '1'"),
        *("params.a LIKE '%'", "params.a IS NULL", "tags.a != 'one'", "tags.A ILIKE 'O%'", "tags.`a_b` IS NOT NULL"),
        *("attributes.status = 'FINISHED'", "attributes.status != 'FINISHED'", "start_time >= 3", "end_time < 104"),
        *("run_name = 'one'", "attributes.`run name` ILIKE 'o%'", "run_name LIKE 'o%'", "dataset.name LIKE 'd%'"),
        *("dataset.name IN ('d0', 'd1')", "dataset.context = 'train'", "datasets.digest = 'x'", "user_id = 'ada'"),
        *(
            "dataset.context ILIKE 't%'",
            "run_id IN ('a', 'b')",
            "run_id NOT IN ('a')",
            "artifact_uri LIKE '%/artifacts'",
        ),
    ]
)
FILTERS = mostly(
    st.just("") | st.lists(GOOD, min_size=1, max_size=3).map(" AND ".join),
    st.lists(st.one_of(GOOD, COMPARISONS), min_size=1, max_size=3).map(" and ".join) | st.text(max_size=10),
)
GOOD_ORDERS = st.sampled_from(
    [
        *(
            "metrics.loss",
            "metrics.loss DESC",
            "metric.`a/b` ASC",
            "params.a",
            "tags.a desc",
            "start_time",
            "created DESC",
        ),
        *(
            "attributes.status",
            "run_name DESC",
            "attributes.`Run Name`",
            "end_time DESC",
            "run_id",
            "artifact_uri DESC",
        ),
    ]
)
ODD_ORDERS = st.builds(lambda *parts: "".join(parts), KEYS, st.sampled_from(["", " x"]))
ORDERS = st.lists(mostly(GOOD_ORDERS, ODD_ORDERS), max_size=3)
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, "7", 1.5, [], {}, 2**31, -1, 0, 50_001, [1], "ALL", "e30="])


BODIES = st.fixed_dictionaries(
    {},
    optional={
        "filter": mostly(FILTERS, ODD),
        "order_by": mostly(ORDERS, ODD),
        "run_view_type": mostly(st.sampled_from(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]), ODD),
        "max_results": mostly(st.integers(1, 12), ODD),
    },
)
GOOD_PLACES = st.sampled_from([[0], [1], [0, 1], [1, 0, 0], [0, 1, "none"], ["none"], []])
PLACES = mostly(GOOD_PLACES, st.sampled_from([["x"], ["00"]]))


def same(sides: Sides) -> None:
    """Send searches to both, and ask for the pages that follow."""
    keep(tracking_at(sides.store.engine.url), lambda sentence: None, wanted=True)
    run_statements.WALKED = 12  # as if there were many more runs
    turns = itertools.count()

    def in_turn(self: Costs, connection: Any, search: Any, statements: Any, asked: Any) -> Any:
        return statements[next(turns) % len(statements)]

    Costs.cheapest = in_turn  # type: ignore[method-assign]
    experiments = fill(sides)

    @many
    @given(body=BODIES, places=PLACES, more=st.sampled_from([{}] * 19 + [{"odd": 1}, {"page_token": ""}]))
    def twins(body: dict[str, Any], places: list[Any], more: dict[str, Any]) -> None:
        ids = [experiments[place] if isinstance(place, int) else {"none": "99"}.get(place, place) for place in places]
        follow(
            {"experiment_ids": ids, **body, **more},
            lambda asked: sides.compare("", "POST", f"{API}/runs/search", "", json.dumps(asked).encode()),
        )

    twins()


if __name__ == "__main__":
    main(same)
