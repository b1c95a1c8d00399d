"""A database of each kind, made once for all tests of this folder: each test has experiments of its own in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.drivers import MYSQL
from flowship.database.migrating.migrate import migrate
from flowship.database.url import sqlite_url
from tests.databases import databases_at
from tests.integration.backup.rows import KINDS, silent
from tests.integration.database.places import url_of
from tests.integration.garbage.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL


@pytest.fixture(scope="session", params=KINDS)
def any_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> URL:
    """A database of each kind with MLflow's tables."""
    kind: str = request.param
    if kind == "sqlite":
        found = sqlite_url(tmp_path_factory.mktemp("garbage") / "mlflow.db")
    else:
        server = request.getfixturevalue("mariadb" if kind == MYSQL else "postgres")
        found = url_of(server.fresh_database(), kind)
    migrate(databases_at(found), upgrade=False, report=silent)
    return found


@pytest.fixture
def world(any_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """What a test may fill; nothing that it deleted is left for the next one."""
    world = World(any_url, tmp_path_factory.mktemp("artifacts"))
    yield world
    for table in ("runs", "logged_models", "experiments"):
        world.execute(f"UPDATE {table} SET lifecycle_stage = 'active'")  # noqa: S608 - our own names
