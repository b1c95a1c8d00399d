"""The schemas of MLflow's two databases: tables, revisions, and what makes and upgrades them."""

from __future__ import annotations

import functools
import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from flowship.mlflow_seams.installation import directory, quiet

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

TRACKING_VERSION_TABLE = "alembic_version"
AUTH_VERSION_TABLE = "alembic_version_auth"
"""Since MLflow 3.6; before, the auth database used `alembic_version` too."""

FIRST_TRACKING_TABLES = frozenset({"experiments", "runs", "tags", "metrics", "params"})
"""What `_initialize_tables` makes before the first revision is applied."""

FIRST_AUTH_REVISION = "8606fa83a998"
FIRST_AUTH_TABLES = frozenset({"users", "experiment_permissions", "registered_model_permissions"})
"""The auth database of MLflow 2.22.0."""

AUTH_TABLES = FIRST_AUTH_TABLES | {
    "scorer_permissions",
    "gateway_secret_permissions",
    "gateway_endpoint_permissions",
    "gateway_model_definition_permissions",
    "workspace_permissions",
    "roles",
    "role_permissions",
    "user_role_assignments",
}
"""All tables that any revision of the auth database makes."""


def tracking_migrations() -> Path:
    """Give the directory of alembic's scripts for the tracking database."""
    return directory() / "store" / "db_migrations"


def auth_migrations() -> Path:
    """Give the directory of alembic's scripts for the auth database."""
    return directory() / "server" / "auth" / "db" / "migrations"


@functools.cache
def revisions(migrations: Path) -> dict[str, str | None]:
    """Each revision and the one below it, read from the scripts as text: alembic would import them, and MLflow with
    them, which takes seconds."""
    found: dict[str, str | None] = {}
    for script in (migrations / "versions").glob("*.py"):
        source = script.read_text()
        revision = re.search(r"""^revision(?:: str)? = ["'](\w+)["']""", source, re.M)
        below = re.search(r"""^down_revision(?:: [\w |]+)? = (?:["'](\w+)["']|None)""", source, re.M)
        if revision and below:
            found[revision[1]] = below[1]
    return found


def initialise_tracking(engine: Engine) -> None:
    """Make the tables of the tracking database, or go on where that was interrupted."""
    with quiet():
        from mlflow.store.db.utils import _initialize_tables

        _initialize_tables(engine)


def upgrade_tracking(engine: Engine) -> None:
    """Bring the tracking database to the newest revision."""
    with quiet():
        from mlflow.store.db.utils import _upgrade_db

        _upgrade_db(engine)


def upgrade_auth(engine: Engine, revision: str = "head") -> None:
    """Make the tables of the auth database, or bring them to a revision, those of MLflow 2.22.0 too."""
    with quiet():
        from mlflow.server.auth.db.utils import migrate

        migrate(engine, revision)


def make_default_experiment(url: URL, artifact_root: str) -> None:
    """Make what MLflow's store makes when it first opens a new tracking database."""
    with quiet():
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        store = SqlAlchemyStore(url.render_as_string(hide_password=False), artifact_root)
    store.engine.dispose()


PERMISSIONS_TO_ROLES = "e5f6a7b8c9d0"
"""The revision that moves the permissions of each user to a role of the user's own."""


def grant(connection: Connection, user_id: int, workspace: str, kind: str, name: str, permission: str) -> None:
    """Give a user a permission on one resource as that revision does, unless the user has one on it."""
    with quiet():
        script = importlib.import_module(_PERMISSIONS_TO_ROLES_SCRIPT)
    role = script._get_or_create_synthetic_role(connection, user_id, workspace)
    script._insert_role_permission_if_missing(connection, role, kind, name, permission)


_PERMISSIONS_TO_ROLES_SCRIPT = "mlflow.server.auth.db.migrations.versions.e5f6a7b8c9d0_migrate_permissions_to_roles"
