"""Databases with MLflow's tables in them and nothing else, into which experiments are imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.drivers import MYSQL
from flowship.mlflow_seams.database import schema
from tests.integration.database.places import url_of
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

    from tests.integration.servers.database import Database

KINDS = {"postgres": "postgresql+psycopg2", "mysql": MYSQL}


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Callable[[str], tuple[Database, URL]]:
    """Makes a database with MLflow's tables."""

    def make(kind: str) -> tuple[Database, URL]:
        server = request.getfixturevalue("postgres" if kind == "postgres" else "mariadb")
        database = database_with_tables(server)
        url = url_of(database, KINDS[kind])
        schema.make_default_experiment(url, "mlflow-artifacts:/")
        return database, url

    return make
