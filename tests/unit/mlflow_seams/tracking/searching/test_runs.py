"""What a search for runs takes from MLflow: its parsers, its clauses, and who finds the runs of which experiment."""

from __future__ import annotations

from flowship.mlflow_seams.tracking.searching import runs as seam
from flowship.mlflow_seams.tracking.searching.limits import LONGEST, MOST
from tests.unit.in_mlflow import in_mlflow

MADE = """
found = clauses(
    "metrics.loss > 1 AND params.a = 'b' AND attributes.status = 'FINISHED' AND dataset.name = 'd'",
    ["metrics.loss DESC", "start_time"],
    "sqlite",
)
assert (len(found.having), len(found.conditions), len(found.using), len(found.sorting)) == (2, 1, 1, 1)
assert all("run_uuid" in rows.c for rows in (*found.having, *found.sorting))
assert all("destination_id" in rows.c for rows in found.using)
assert [value for _, value in found.params] == ["b"] and found.by_metric
print([f"{getattr(one.by, 'name', one.by)} {one.descending}" for one in found.order])
"""

REFUSED: list[tuple[str, list[str]]] = [
    ("odd.key = 1", []),
    ("metrics.loss >", []),
    ("metrics.loss LIKE 'a'", []),
    ("", ["metrics.loss", "metrics.loss DESC"]),
    ("", ["odd.key"]),
    ("", [f"tags.a{number}" for number in range(MOST + 1)]),
    (" AND ".join(["metrics.loss > 1"] * MOST), ["metrics.loss"]),
    ("", ["metrics." + "a" * LONGEST]),
]


def test_a_search_is_made_clauses_of_each_kind() -> None:
    ordered = ["clause_1 False", "value True", "clause_2 False", "start_time False", "run_uuid False"]

    assert in_mlflow(f"from flowship.mlflow_seams.tracking.searching.runs import clauses\n{MADE}") == str(ordered)


def test_what_mlflow_refuses_is_left_to_it() -> None:
    program = (
        "from flowship.mlflow_seams.tracking.searching.runs import clauses\n"
        f"print([clauses(*search, 'sqlite') for search in {REFUSED!r}])"
    )

    assert in_mlflow(program) == str([None] * len(REFUSED))


def test_the_views_show_the_stages_that_mlflow_says() -> None:
    from mlflow.entities import ViewType
    from mlflow.entities.lifecycle_stage import LifecycleStage

    for name in ("ACTIVE_ONLY", "DELETED_ONLY", "ALL"):
        assert list(seam.VIEWS[name]) == LifecycleStage.view_type_to_stages(getattr(ViewType, name))


def test_pages_are_as_large_as_mlflows() -> None:
    assert (seam.default_page(), seam.largest_page()) == (1000, 50000)
