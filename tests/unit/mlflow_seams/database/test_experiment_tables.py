"""The tables that hold what belongs to an experiment are known, each with what becomes of it in an export."""

from __future__ import annotations

import json

from flowship.mlflow_seams.database.experiment_tables import CARRIED, DERIVED, IDENTIFIERS, LEFT_OUT, OWNERS
from tests.unit.in_mlflow import in_mlflow

OF_NO_EXPERIMENT = (
    *("registered_model", "model_version", "workspaces", "webhook", "jobs", "job_locks", "scheduler_leases"),
    *("secrets", "endpoint_", "model_definitions", "budget_policies", "guardrail", "mcp_", "skill"),
    # What hangs from something that is left out, and is counted there.
    *("evaluation_dataset", "scorer_versions", "issue_categories", "review_queue_"),
)
"""How the names of tables begin that are about something else."""

PROGRAM = """
import json
from flowship.mlflow_seams.database.experiment_tables import metadata
print(json.dumps({name: [list(table.columns.keys()), [key.column.table.name for key in table.foreign_keys]]
    for name, table in metadata().tables.items()}))
"""


def test_each_table_is_carried_left_out_or_of_no_experiment() -> None:
    tables = json.loads(in_mlflow(PROGRAM).splitlines()[-1])
    known = CARRIED.keys() | LEFT_OUT.keys() | DERIVED

    assert known <= tables.keys()
    assert [name for name in sorted(tables.keys() - known) if not name.startswith(OF_NO_EXPERIMENT)] == []
    for name, (_, refers_to) in tables.items():
        if name in CARRIED:
            order = list(CARRIED)
            assert [other for other in refers_to if order.index(other) > order.index(name)] == [], name


def test_the_columns_by_which_rows_are_found_are_there() -> None:
    tables = json.loads(in_mlflow(PROGRAM).splitlines()[-1])
    named = [(name, belongs.column) for name, belongs in {**CARRIED, **LEFT_OUT}.items() if belongs.column]
    named += [*IDENTIFIERS.items(), *OWNERS.values(), ("inputs", "source_id"), ("inputs", "destination_id")]

    assert [(name, column) for name, column in named if column not in tables[name][0]] == []
