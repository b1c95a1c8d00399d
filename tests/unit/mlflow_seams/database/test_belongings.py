"""That every table and every reference of MLflow's is accounted for: a new one must be put where it belongs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.garbage.tables import guards, steps
from flowship.mlflow_seams.database.belongings import (
    ARCHIVE,
    EXPERIMENTS_OF_PROMPT,
    INDEPENDENT,
    INTERNAL_STAGE,
    IS_PROMPT,
    LOOSE,
    TABLES,
    TRACES,
)
from flowship.mlflow_seams.installation import quiet

if TYPE_CHECKING:
    from sqlalchemy import MetaData

OF_THE_REGISTRY = {
    *("registered_models", "registered_model_tags", "registered_model_aliases", "model_versions", "model_version_tags"),
}
OF_THE_GATEWAY = {
    *("budget_policies", "endpoints", "endpoint_bindings", "endpoint_model_mappings", "endpoint_tags", "guardrails"),
    *("guardrail_configs", "model_definitions", "secrets"),
}
OF_MCP = {
    *("mcp_servers", "mcp_server_aliases", "mcp_server_tags", "mcp_server_versions", "mcp_server_version_tags"),
    "mcp_access_endpoints",
}
OF_SKILLS = {"skills", "skill_aliases", "skill_tags", "skill_versions", "skill_version_tags"}
"""MLflow has them since 3.18."""
OF_ALL = {
    *("evaluation_datasets", "evaluation_dataset_records", "evaluation_dataset_tags", "jobs", "job_locks"),
    *("scheduler_leases", "webhooks", "webhook_events", "workspaces"),
}
"""Tables of what belongs to no experiment: none of their rows goes with one, though some forget it."""

NO_REFERENCE = {
    "assessments.run_id": "MLflow leaves it, and finds the assessments of a deleted run by their metadata",
    "assessments.span_id": "goes with its trace",
    "assessments.source_id": "a person or a judge",
    "assessments.experiment_id": "goes with its trace",
    "assessments.assessment_id": "its own",
    "datasets.dataset_uuid": "its own",
    "inputs.input_uuid": "its own",
    "issues.issue_id": "its own",
    "label_schemas.schema_id": "its own",
    "logged_model_metrics.dataset_uuid": "a dataset of the experiment",
    "logged_models.model_id": "its own",
    "logged_models.source_run_id": "a model outlives its run, as in MLflow",
    "online_scoring_configs.online_scoring_config_id": "its own",
    "review_queue_label_schemas.schema_id": "goes with its queue",
    "review_queue_users.user_id": "a person",
    "review_queues.queue_id": "its own",
    "runs.run_uuid": "its own",
    "runs.user_id": "a person",
    "scorers.scorer_id": "its own",
    "spans.span_id": "its own",
    "spans.parent_span_id": "goes with its trace",
    "trace_info.request_id": "its own",
    "trace_info.client_request_id": "a word of the client's",
    "trace_info.session_id": "a word of the client's",
    "entity_associations.association_id": "its own",
    "experiments.experiment_id": "its own",
    "sql_assessment_daily_rollups.id": "its own",
    "sql_span_cost_daily_rollups.id": "its own",
    "sql_trace_metric_daily_rollups.id": "its own",
    "span_metrics.span_id": "goes with its span",
}


@pytest.fixture(scope="module")
def tables() -> MetaData:
    with quiet():
        from mlflow.store.db.base_sql_model import Base
        from mlflow.store.model_registry.dbmodels import models as registry
        from mlflow.store.tracking.dbmodels import models as tracking
        from mlflow.store.workspace.dbmodels import models as workspaces

        assert (
            workspaces.SqlWorkspace.metadata
            is registry.SqlModelVersion.metadata
            is tracking.SqlRun.metadata
            is Base.metadata
        )
    found: MetaData = Base.metadata
    return found


def collected(tables: MetaData) -> set[str]:
    """The tables of which rows go."""
    found = {step.table.name for kind in TABLES for step in steps(tables, kind) if not step.emptied}
    return found | {name for name, _ in TABLES.values()}


def test_each_table_goes_with_something_or_is_known_to_stay(tables: MetaData, since_3_18: bool) -> None:
    stays = OF_THE_REGISTRY | OF_THE_GATEWAY | OF_MCP | OF_ALL | (OF_SKILLS if since_3_18 else set())

    assert collected(tables) & stays == set()
    assert collected(tables) | stays == set(tables.tables)


def test_each_column_that_may_be_a_reference_is_a_key_or_known(tables: MetaData) -> None:
    loose = {f"{each.table}.{each.column}" for found in LOOSE.values() for each in found}
    suspects = set()
    for name in collected(tables):
        for column in tables.tables[name].columns:
            if column.name.endswith(("_id", "_uuid")) or column.name == "id":
                suspects |= set() if column.foreign_keys else {f"{name}.{column.name}"}

    assert suspects - loose - {"review_queue_items.queue_id"} == set(NO_REFERENCE) & suspects


def test_what_no_key_tells_is_in_mlflows_tables(tables: MetaData) -> None:
    for kind, (name, key) in TABLES.items():
        assert [column.name for column in tables.tables[name].primary_key] == [key], kind
    for each in (each for found in LOOSE.values() for each in found):
        assert each.column in tables.tables[each.table].c
        assert not each.type_column or each.type_column in tables.tables[each.table].c


def test_the_types_are_those_that_mlflow_writes() -> None:
    with quiet():
        from mlflow.entities.entity_type import EntityAssociationType
        from mlflow.genai.review_queues import ReviewItemType

    types = {word for found in LOOSE.values() for each in found for word in each.types}
    associated = {each.types for found in LOOSE.values() for each in found if each.table == "entity_associations"}
    known = {value for name, value in vars(EntityAssociationType).items() if name.isupper()}
    assert known == {*(word for words in associated for word in words), "evaluation_dataset", "prompt_version"}
    assert {each.value for each in ReviewItemType} <= types


def test_what_is_independent_guards_an_experiment(tables: MetaData) -> None:
    assert {table.name for table, _ in guards(tables)} == INDEPENDENT


def test_the_words_are_mlflows() -> None:
    with quiet():
        from mlflow.entities.model_registry.model_version_stages import STAGE_DELETED_INTERNAL
        from mlflow.prompt.constants import IS_PROMPT_TAG_KEY, PROMPT_EXPERIMENT_IDS_TAG_KEY
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
        from mlflow.tracing.constant import TraceTagKey

    assert (INTERNAL_STAGE, IS_PROMPT) == (STAGE_DELETED_INTERNAL, IS_PROMPT_TAG_KEY)
    assert EXPERIMENTS_OF_PROMPT == PROMPT_EXPERIMENT_IDS_TAG_KEY
    assert (TRACES, ARCHIVE) == (SqlAlchemyStore.TRACE_FOLDER_NAME, TraceTagKey.ARCHIVE_LOCATION)
