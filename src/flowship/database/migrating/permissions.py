"""Carries permissions over that MLflow's own upgrade of the auth database drops (MLflow 3.17.2).

Revision `e5f6a7b8c9d0` moves permissions from one table per kind of resource to roles and skips NO_PERMISSIONS: who was
locked out of an experiment may read it afterwards, if the default permission is READ. Since then MLflow has DENY, which
says the same. Revision `f1a2b3c4d5e6` makes permissions on prompts a kind of their own, but only if the models are in
the same database, which they never are with MLflow 2.22.0; it leaves the others to operators.

Both are done between these two revisions: a run that is cut short finds the database there, and does it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flowship.mlflow_seams.database import schema as mlflow_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

DEFAULT_WORKSPACE = "default"
LOCKED_OUT = "NO_PERMISSIONS"

# Where MLflow kept permissions before, the kind of resource that each table was about, and its column with the name.
TABLES = (
    ("experiment_permissions", "experiment", "experiment_id"),
    ("registered_model_permissions", "registered_model", "name"),
    ("gateway_secret_permissions", "gateway_secret", "secret_id"),
    ("gateway_endpoint_permissions", "gateway_endpoint", "endpoint_id"),
    ("gateway_model_definition_permissions", "gateway_model_definition", "model_definition_id"),
    ("scorer_permissions", "scorer", "scorer_name"),
)


def are_at_stake(revision: str | None) -> bool:
    """Tell whether an auth database at this revision is yet to lose what is carried over here."""
    below = mlflow_schema.revisions(mlflow_schema.auth_migrations())
    step: str | None = mlflow_schema.PERMISSIONS_TO_ROLES
    while step is not None and step != revision:
        step = below[step]
    return step is not None


def carry_over(auth: Engine, tracking: Engine, report: Callable[[str], None]) -> None:
    """Add the permissions that the upgrade left out to an auth database at `mlflow_schema.PERMISSIONS_TO_ROLES`.

    A permission that a user has on the same resource by now stays.
    """
    prompts = set(_prompts(tracking))
    with auth.begin() as connection:
        locked_out = set(_locked_out(connection))
        for row in sorted(locked_out):
            mlflow_schema.grant(connection, *row, "DENY")
        for workspace, name in prompts:
            _make_prompt(connection, workspace, name)
    if locked_out:
        report(f"users stay locked out of {len(locked_out)} resources, by DENY instead of NO_PERMISSIONS")


def _locked_out(auth: Connection) -> Iterator[tuple[int, str, str, str]]:
    """User, workspace, kind and name of each resource that a user was locked out of."""
    from sqlalchemy import MetaData, Table, inspect, select

    for name, kind, column in TABLES:
        if not inspect(auth).has_table(name):
            continue
        table = Table(name, MetaData(), autoload_with=auth)
        for row in auth.execute(select(table).where(table.c.permission == LOCKED_OUT)).mappings():
            workspace = row.get("workspace", DEFAULT_WORKSPACE)
            yield row["user_id"], workspace, kind, _resource(row, column)


def _resource(row: Any, column: str) -> str:
    """Give the name as roles spell it: a scorer's has its experiment before it."""
    if column == "scorer_name":
        return f"{row['experiment_id']}/{quote(row[column], safe='')}"
    return str(row[column])


def _prompts(tracking: Engine) -> Iterator[tuple[str, str]]:
    """Workspace and name of each prompt in the registry, which keeps them among its models."""
    from sqlalchemy import MetaData, Table, func, inspect, select

    name = "registered_model_tags"
    if not inspect(tracking).has_table(name):
        return
    tags = Table(name, MetaData(), autoload_with=tracking)
    chosen = select(tags).where(tags.c.key == "mlflow.prompt.is_prompt", func.lower(tags.c.value) == "true")
    with tracking.connect() as connection:
        for row in connection.execute(chosen).mappings():
            yield row.get("workspace", DEFAULT_WORKSPACE), row["name"]


def _make_prompt(auth: Connection, workspace: str, name: str) -> None:
    from sqlalchemy import MetaData, Table, select, update

    tables = MetaData()
    grants = Table("role_permissions", tables, autoload_with=auth)
    roles = tables.tables["roles"]
    auth.execute(
        update(grants)
        .where(
            grants.c.resource_type == "registered_model",
            grants.c.resource_pattern == name,
            grants.c.role_id.in_(select(roles.c.id).where(roles.c.workspace == workspace)),
        )
        .values(resource_type="prompt")
    )
