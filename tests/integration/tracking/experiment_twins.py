"""A program that sends the same searches for experiments to MLflow's own handlers and to the hot API, and fails where
answers differ. Its arguments are those of `twins.py`.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from tests.integration.tracking.sides import API, Answered, Sides, follow, main, many, mostly

PATH = f"{API}/experiments/search"
NAMES = ["one", "One", "two", "a_b", "ä 密", "😀", "100%", "o'e"]
KEYS = ["a", "a_b", "mlflow.note.content", "a/b"]
VALUES = ["one", "One", "o_e", "", "ä"]


def fill(sides: Sides) -> None:
    """Experiments that differ little, some with tags, some deleted."""
    from mlflow.entities import ExperimentTag

    for number in range(16):
        name = f"{NAMES[number % 8]} {number}"
        tags = [ExperimentTag(KEYS[(number + one) % 4], VALUES[(number + one) % 5]) for one in range(number % 4)]
        experiment = sides.store.create_experiment(name, tags=tags)
        if number % 5 == 4:
            sides.store.delete_experiment(experiment)


GOOD = st.sampled_from(
    [
        *("name = 'one 8'", "attribute.name LIKE 'o%'", "name ILIKE 'O%'", "name != 'two 2'", "creation_time > 5"),
        *("last_update_time <= 9999999999999", "experiment_id = '3'", "experiment_id IN ('1', '2', '99')"),
        *(
            "experiment_id NOT IN ('1', '2')",
            "tags.a = 'one'",
            "tag.`a_b` != 'one'",
            "tags.a LIKE '%'",
            "tags.a IS NULL",
        ),
        *("tags.`mlflow.note.content` ILIKE 'O%'", "tags.a_b IS NOT NULL", "tags.`a/b` = ''"),
    ]
)
ODD_COMPARISONS = st.builds(
    lambda *parts: " ".join(parts),
    st.sampled_from(
        ["name", "attributes.name", "experiment_id", "creation_time", "tags.a", "odd.key", "odd", "", "tag"]
    ),
    st.sampled_from(["=", "!=", ">", "LIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL", "RLIKE", "=="]),
    st.sampled_from(["'one'", "1", "'1'", "1.5", "('1')", "('x')", "()", "", "'ä", "'\0'", "9" * 30, "'o%'", '"one"']),
)
FILTERS = mostly(
    st.lists(GOOD, max_size=3).map(" AND ".join),
    st.lists(GOOD | ODD_COMPARISONS, min_size=1, max_size=3).map(" and ".join) | st.text(max_size=8),
)
GOOD_ORDERS = st.sampled_from(
    [
        "name",
        "name DESC",
        "creation_time",
        "creation_time DESC",
        "last_update_time ASC",
        "experiment_id",
        "experiment_id desc",
    ]
)
ORDERS = st.lists(
    mostly(GOOD_ORDERS, st.sampled_from(["odd", "tags.a", "", "name x", "attribute.name DESC"])), max_size=3
)
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 1.5, [], {}, 2**31, 0, -1, 50_001, [1], "7", "07", "e30=", "x"]
)
SAID = st.fixed_dictionaries(
    {"max_results": mostly(st.integers(1, 9) | st.just(1000), ODD)},
    optional={
        "filter": mostly(FILTERS, ODD),
        "order_by": mostly(ORDERS, ODD),
        "view_type": mostly(
            st.sampled_from(["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]), st.sampled_from([1, "2", "all"]) | ODD
        ),
        "page_token": mostly(st.just(""), ODD),
    },
)


def same(sides: Sides) -> None:
    """Send searches to both, by body and by query, and ask for the pages that follow."""
    fill(sides)

    @many
    @given(
        said=SAID,
        more=mostly(st.just({}), st.sampled_from([{"odd": "1"}, {"viewType": "ALL"}])),
        by_query=st.booleans(),
    )
    def twins(said: dict[str, Any], more: dict[str, Any], by_query: bool) -> None:
        def ask(asked: dict[str, Any]) -> Answered:
            if by_query:
                return sides.compare("", "GET", PATH, urlencode(asked, doseq=True))
            return sides.compare("", "POST", PATH, "", json.dumps(asked).encode())

        follow({**said, **more}, ask)

    twins()


if __name__ == "__main__":
    main(same)
