"""What each revision of MLflow's schemas since 2.22 does: the tables that it makes, what it changes in those that are
there, and what a server of before cannot do after it.

Whoever moves Flowship to another MLflow adds its revisions here; the tests compare this with what MLflow's scripts do.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Change(StrEnum):
    """What a revision does to a table that is there."""

    COLUMN = "gets a column"
    INDEX = "gets an index"
    TYPE = "gets a longer column"
    FOREIGN_KEY = "gets a foreign key"
    KEY = "gets another key"
    ROWS = "has columns filled from what its rows hold"
    MOVED = "gives up rows that are columns of another table now"


class Broken(NamedTuple):
    """What a server of before does wrong once a revision is in place."""

    since: str
    """The revision from which a server uses what has changed; an older one has nothing to do with it."""
    what: str
    """What happens, in words that follow "a server of before"."""
    fails: bool
    """Whether its requests fail. Otherwise they succeed, and the new server sees only a part of what they wrote."""


class Step(NamedTuple):
    """What one revision does."""

    says: str
    """In a few words."""
    makes: tuple[str, ...] = ()
    """The tables that it makes."""
    changes: Mapping[str, tuple[Change, ...]] = {}
    """What it does to tables that were there."""
    broken: tuple[Broken, ...] = ()


OF_2_22 = "0584bdc529eb"
"""The tracking database of MLflow 2.22."""

_COLUMN, _INDEX, _TYPE, _KEY, _ROWS = (
    (Change.COLUMN,),
    (Change.INDEX,),
    (Change.TYPE,),
    (Change.COLUMN, Change.KEY),
    (Change.COLUMN, Change.ROWS),
)

TRACKING: Mapping[str, Step] = {
    "400f98739977": Step(
        "tables of logged models",
        ("logged_models", "logged_model_metrics", "logged_model_params", "logged_model_tags"),
    ),
    "6953534de441": Step("a step for inputs of runs", changes={"inputs": _COLUMN}),
    "bda7b8c39065": Step("longer tags of model versions", changes={"model_version_tags": _TYPE}),
    "cbc13b556ace": Step("previews of traces", changes={"trace_info": _COLUMN}),
    "770bee3ae1dd": Step("a table of assessments", ("assessments",)),
    "a1b2c3d4e5f6": Step("a table of spans", ("spans",)),
    "de4033877273": Step("a table of links between entities", ("entity_associations",)),
    "1a0cddfcaa16": Step("tables of webhooks", ("webhooks", "webhook_events")),
    "534353b11cbc": Step("tables of scorers", ("scorers", "scorer_versions")),
    "71994744cf8e": Step(
        "tables of evaluation datasets",
        ("evaluation_datasets", "evaluation_dataset_tags", "evaluation_dataset_records"),
    ),
    "3da73c924c2f": Step("outputs of datasets' records", changes={"evaluation_dataset_records": _COLUMN}),
    "bf29a5ff90ea": Step("a table of jobs", ("jobs",)),
    "1bd49d398cd23": Step(
        "tables of the gateway",
        (
            "secrets",
            "endpoints",
            "model_definitions",
            "endpoint_model_mappings",
            "endpoint_bindings",
            "endpoint_tags",
        ),
    ),
    "b7c8d9e0f1a2": Step("a table of traces' metrics", ("trace_metrics",)),
    "5d2d30f0abce": Step(
        "another name for a column of jobs",
        changes={"jobs": (Change.COLUMN, Change.INDEX)},
        broken=(Broken("bf29a5ff90ea", "cannot start or read jobs: a column of theirs has another name", fails=True),),
    ),
    "c9d4e5f6a7b8": Step(
        "the gateway's ways to route",
        changes={"endpoints": _COLUMN, "endpoint_model_mappings": (Change.COLUMN, Change.INDEX)},
    ),
    "2c33131f4dae": Step("a table of what is scored online", ("online_scoring_configs",)),
    "d3e4f5a6b7c8": Step("names of the gateway's bindings", changes={"endpoint_bindings": _COLUMN}),
    "d0e1f2a3b4c5": Step(
        "experiments of the gateway's endpoints", changes={"endpoints": (Change.COLUMN, Change.FOREIGN_KEY)}
    ),
    "c8d9e0f1a2b3": Step("a table of spans' metrics", ("span_metrics",), {"spans": _COLUMN}),
    "1b5f0d9ad7c1": Step(
        "workspaces",
        ("workspaces",),
        {
            "experiments": (*_KEY, Change.INDEX),
            "registered_models": (*_KEY, Change.INDEX),
            "model_versions": (*_KEY, Change.FOREIGN_KEY),
            "registered_model_tags": (*_KEY, Change.FOREIGN_KEY),
            "model_version_tags": (*_KEY, Change.FOREIGN_KEY),
            "registered_model_aliases": (*_KEY, Change.FOREIGN_KEY),
            "evaluation_datasets": (Change.COLUMN, Change.INDEX),
            "webhooks": (Change.COLUMN, Change.INDEX),
            "secrets": (*_KEY, Change.INDEX),
            "endpoints": (*_KEY, Change.INDEX),
            "model_definitions": (*_KEY, Change.INDEX),
            "jobs": _COLUMN,
        },
    ),
    "e1f2a3b4c5d6": Step("a table of budgets", ("budget_policies",)),
    "76601a5f987d": Step("a table of issues", ("issues",)),
    "c3d6457b6d8a": Step("details of jobs' states", changes={"jobs": _COLUMN}),
    "a5b4c3d2e1f0": Step("an index on metrics by step", changes={"metrics": _INDEX}),
    "ae8bbe7743c9": Step("tables of guardrails", ("guardrails", "guardrail_configs")),
    "7d34483879f0": Step(
        "indexes on tags of models", changes={"model_version_tags": _INDEX, "registered_model_tags": _INDEX}
    ),
    "da6fb0208061": Step("where traces are archived", changes={"trace_info": _COLUMN, "workspaces": _COLUMN}),
    "89d3d66ed43f": Step("a table of labels", ("label_schemas",)),
    "b7e4c1a90f23": Step(
        "tables of reviews", ("review_queues", "review_queue_users", "review_queue_items", "review_queue_label_schemas")
    ),
    "a8b9c0d1e2f3": Step(
        "tables of MCP servers",
        (
            "mcp_servers",
            "mcp_server_versions",
            "mcp_server_tags",
            "mcp_server_version_tags",
            "mcp_server_aliases",
            "mcp_access_endpoints",
        ),
    ),
    "c1d2e3f4a5b6": Step("an index on spans by time", changes={"spans": _INDEX}),
    "c3d9e7f1a2b4": Step("what a budget is for", changes={"budget_policies": (Change.COLUMN, Change.INDEX)}),
    "6f8d9c3b2a1e": Step("traces that go with their experiment", changes={"trace_info": (Change.FOREIGN_KEY,)}),
    "1971f2d9a75b": Step("an index on traces by time", changes={"trace_info": _INDEX}),
    "17e22815139b": Step("longer tags of experiments", changes={"experiment_tags": _TYPE}),
    "b7e2c1a4d9f3": Step("who has started a job", changes={"jobs": _COLUMN}),
    "75868b020152": Step(
        "columns of what is counted of traces",
        (
            "sql_trace_metric_daily_rollups",
            "sql_span_cost_daily_rollups",
            "sql_assessment_daily_rollups",
            "sql_trace_rollup_rebuild_queue",
        ),
        {
            "trace_info": (*_ROWS, Change.INDEX),
            "spans": (*_ROWS, Change.INDEX, Change.INDEX),
            "assessments": (*_ROWS, Change.INDEX, Change.INDEX, Change.INDEX),
            "trace_tags": (Change.MOVED,),
            "trace_request_metadata": (Change.MOVED,),
            "trace_metrics": (Change.MOVED,),
            "span_metrics": (Change.MOVED,),
        },
        (
            Broken(
                OF_2_22,
                "shows traces without name, session, tokens and costs, and writes them where the new one does not look",
                fails=False,
            ),
            Broken("c8d9e0f1a2b3", "cannot write or read spans: a column of theirs is gone", fails=True),
        ),
    ),
    "dc11669786a5": Step(
        "leases of jobs",
        ("scheduler_leases", "job_locks"),
        {"jobs": (Change.COLUMN, Change.INDEX)},
        (Broken("bf29a5ff90ea", "has its jobs that wait or run cancelled", fails=True),),
    ),
    "e7d1f4b2a9c6": Step(
        "tables of skills", ("skills", "skill_versions", "skill_tags", "skill_version_tags", "skill_aliases")
    ),
    "8b6ad64cb8f5": Step(
        "more about issues",
        ("issue_categories",),
        {"issues": (Change.COLUMN, Change.INDEX, Change.ROWS)},
        (Broken("76601a5f987d", "writes issues that the new one does not find by their category", fails=False),),
    ),
    "f4a9b2c7d1e6": Step(
        "versions of MCP servers with capitals",
        changes=dict.fromkeys(
            ("mcp_server_versions", "mcp_server_version_tags", "mcp_server_aliases", "mcp_access_endpoints"),
            (Change.TYPE,),
        ),
    ),
}
"""By revision, in MLflow's order; up to MLflow 3.18."""

AUTH: Mapping[str, Step] = {
    "0965eb92f5f0": Step("permissions on scorers", ("scorer_permissions",)),
    "a1b2c3d4e5f6": Step(
        "permissions on the gateway",
        (
            "gateway_secret_permissions",
            "gateway_endpoint_permissions",
            "gateway_model_definition_permissions",
        ),
    ),
    "2ed73881770d": Step(
        "permissions on workspaces", ("workspace_permissions",), {"registered_model_permissions": _KEY}
    ),
    "c3d4e5f6a7b8": Step("tables of roles", ("roles", "role_permissions", "user_role_assignments")),
    "e5f6a7b8c9d0": Step(
        "permissions as roles",
        changes=dict.fromkeys(
            (
                "experiment_permissions",
                "registered_model_permissions",
                "scorer_permissions",
                "gateway_secret_permissions",
                "gateway_endpoint_permissions",
                "gateway_model_definition_permissions",
                "workspace_permissions",
            ),
            (Change.ROWS,),
        ),
        broken=(
            Broken(
                "8606fa83a998",
                "keeps to the permissions of before, and the new one does not see those that it grants or takes away",
                fails=False,
            ),
        ),
    ),
    "f1a2b3c4d5e6": Step("permissions on prompts", changes={"role_permissions": (Change.ROWS,)}),
}
