"""Databases for these tests: empty ones of each kind, and old ones."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from sqlalchemy import URL, text

from flowship.database.engine import open_engine

if TYPE_CHECKING:
    from tests.integration.servers.database import Database

REVISION_OF_2_22_0 = "0584bdc529eb"
AUTH_REVISION_OF_2_22_0 = "8606fa83a998"


def url_of(database: Database, dialect: str) -> URL:
    return URL.create(dialect, database.user, database.password, database.host, database.port, database.name)


def execute(url: URL, *statements: str) -> None:
    with open_engine(url).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def scalar(url: URL, statement: str) -> object:
    with open_engine(url).connect() as connection:
        return connection.execute(text(statement)).scalar()


def make_old(url: URL) -> None:
    """The tracking tables as MLflow 2.22.0 has them, with one experiment. Its own scripts, so nothing is imitated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from alembic import command
        from mlflow.store.db.utils import _get_alembic_config
        from mlflow.store.tracking.dbmodels.initial_models import Base

        engine = open_engine(url)
        Base.metadata.create_all(engine)
        config = _get_alembic_config("")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, REVISION_OF_2_22_0)
    execute(
        url,
        "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (7, 'churn', 'active')",
        "INSERT INTO registered_models (name) VALUES ('forecast')",
    )


def make_old_users(url: URL) -> None:
    """The auth tables as MLflow 2.22.0 has them: its one revision stands in `alembic_version`."""
    execute(
        url,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        f"INSERT INTO alembic_version VALUES ('{AUTH_REVISION_OF_2_22_0}')",  # noqa: S608 - our own constant
        "CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, username VARCHAR(255) UNIQUE, password_hash VARCHAR(255),"
        " is_admin BOOLEAN)",
        "CREATE TABLE experiment_permissions (id INTEGER NOT NULL PRIMARY KEY, experiment_id VARCHAR(255) NOT NULL,"
        " user_id INTEGER NOT NULL, permission VARCHAR(255), CONSTRAINT fk_user_id FOREIGN KEY(user_id)"
        " REFERENCES users (id), CONSTRAINT unique_experiment_user UNIQUE (experiment_id, user_id))",
        "CREATE TABLE registered_model_permissions (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL,"
        " user_id INTEGER NOT NULL, permission VARCHAR(255), CONSTRAINT fk_user_id FOREIGN KEY(user_id)"
        " REFERENCES users (id), CONSTRAINT unique_name_user UNIQUE (name, user_id))",
        "INSERT INTO users (id, username, password_hash, is_admin) VALUES (1, 'ada', 'hash', false)",
        "INSERT INTO experiment_permissions (id, experiment_id, user_id, permission) VALUES (1, '7', 1, 'MANAGE')",
    )
