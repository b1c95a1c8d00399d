"""The tables of the registry are known, with all columns: a new one may hold an address or an identifier."""

from __future__ import annotations

import json

from flowship.mlflow_seams.database.registry_tables import (
    LINKED_PROMPTS,
    NO_SOURCES,
    NOT_OF_OURS,
    PROMPT_VERSION,
    REGISTRY,
    RUNS_OF_PROMPT,
    USING,
)
from tests.unit.in_mlflow import in_mlflow

SEEN = {
    *("creation_time", "last_updated_time", "description", "version", "value"),
    *("current_stage", "source", "storage_location", "run_id", "status", "status_message"),
}
"""Columns in which identifiers and addresses are looked for."""

PROGRAM = """
import json
from flowship.mlflow_seams.database.experiment_tables import metadata
print(json.dumps({name: [list(table.columns.keys()), list(table.primary_key.columns.keys()),
    [key.column.table.name for key in table.foreign_keys]] for name, table in metadata().tables.items()}))
"""


def test_all_tables_and_columns_of_the_registry_are_known() -> None:
    tables = json.loads(in_mlflow(PROGRAM).splitlines()[-1])
    found = {name for name in tables if name.startswith(("registered_model", "model_version"))}

    assert found == set(REGISTRY)
    for name, key in REGISTRY.items():
        columns, primary, refers_to = tables[name]
        assert set(columns) <= SEEN | NOT_OF_OURS, name
        assert set(primary) == set(key), name
        order = list(REGISTRY)
        assert all(order.index(other) < order.index(name) for other in refers_to), name
    for name, (*of_tag, owner, owners) in USING.items():
        assert {*of_tag, owner} <= set(tables[name][0]), name
        assert {owner, "experiment_id"} <= set(tables[owners][0]), owners


def test_the_words_are_mlflows() -> None:
    said = in_mlflow(
        "import json; from mlflow.prompt import constants as c; from mlflow.tracing.constant import TraceTagKey;"
        "from mlflow.entities.entity_type import EntityAssociationType as kinds;"
        "print(json.dumps([TraceTagKey.LINKED_PROMPTS, c.PROMPT_ASSOCIATED_RUN_IDS_TAG_KEY, kinds.PROMPT_VERSION,"
        "sorted(c._PROMPT_SOURCE_PLACEHOLDERS)]))"
    )

    wanted = [LINKED_PROMPTS, RUNS_OF_PROMPT, PROMPT_VERSION, sorted(NO_SOURCES)]
    assert json.loads(said.splitlines()[-1]) == wanted
