"""What a search for experiments takes from MLflow: its parsers, its clauses, and who finds which experiment."""

from __future__ import annotations

from flowship.mlflow_seams.tracking.searching.limits import LONGEST, MOST
from tests.unit.in_mlflow import in_mlflow

MADE = """
found = clauses("name LIKE 'a%' AND tags.a = 'b' AND tags.c IS NULL", ["name DESC"], "sqlite")
assert (len(found.conditions), len(found.having), len(found.order)) == (2, 1, 2)
assert "experiment_id" in found.having[0].c
print(found.order[-1])
"""

REFUSED: list[tuple[str, list[str]]] = [
    ("odd = 1", []),
    ("name >", []),
    ("experiment_id LIKE '1'", []),
    ("", ["tags.a"]),
    ("", ["odd"]),
    ("", ["name"] * (MOST + 1)),
    (" AND ".join(["name = 'a'"] * MOST), ["name"]),
    ("name = '" + "a" * LONGEST, []),
    ("", ["a" * (LONGEST + 1)]),
]

DECIDED = """
from mlflow.protos.service_pb2 import SearchExperiments
from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.tracking.searching.experiments import finds_experiments

auth = auth_app()
asked = []
auth._role_based_read_predicate = lambda *given: asked.append(given) or "predicate"
afterwards = SearchExperiments in auth.AFTER_REQUEST_PATH_HANDLERS
assert afterwards != (SearchExperiments in getattr(auth, "REQUEST_SCOPE_FUNCTIONS", {}))
print((finds_experiments("ada"), asked) == (("predicate", [("ada", "experiment")]) if afterwards else (None, [])))
"""


def test_a_search_is_made_clauses_of_each_kind() -> None:
    program = f"from flowship.mlflow_seams.tracking.searching.experiments import clauses\n{MADE}"

    assert in_mlflow(program) == "experiments.experiment_id DESC"


def test_what_mlflow_refuses_is_left_to_it() -> None:
    program = (
        "from flowship.mlflow_seams.tracking.searching.experiments import clauses\n"
        f"print([clauses(*search, 'sqlite') for search in {REFUSED!r}])"
    )

    assert in_mlflow(program) == str([None] * len(REFUSED))


def test_who_finds_an_experiment_is_decided_here_only_where_mlflow_decides_it_of_what_was_found() -> None:
    assert in_mlflow(DECIDED) == "True"
