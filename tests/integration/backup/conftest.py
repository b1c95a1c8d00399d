from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flowship.backup.catalog import Catalog
from flowship.database.drivers import MYSQL
from flowship.database.url import sqlite_url
from tests.integration.backup.rows import fill
from tests.integration.database.places import url_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], URL]:
    """Makes an empty database of a kind, at each call another; its password is hard to quote."""

    def make(kind: str) -> URL:
        if kind == "sqlite":
            return sqlite_url(tmp_path / secrets.token_hex(4) / "mlflow.db")
        return url_of(_server(request, kind).fresh_database(), kind)

    return make


@pytest.fixture
def filled(request: pytest.FixtureRequest, tmp_path: Path, sources: Path) -> Callable[[str], URL]:
    """Makes a database with rows: filled once, and then copied by the database's own programs."""

    def make(kind: str) -> URL:
        source = sources / kind
        if kind == "sqlite":
            if not source.exists():
                fill(sqlite_url(source))
            copy = tmp_path / secrets.token_hex(4) / "mlflow.db"
            copy.parent.mkdir()
            return sqlite_url(Path(shutil.copy(source, copy)))
        server = _server(request, kind)
        if not source.exists():
            original = server.fresh_database()
            fill(url_of(original, kind))
            server.dump(original, source)
        database = server.fresh_database()
        server.load(database, source)
        return url_of(database, kind)

    return make


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for what `filled` copies."""
    return tmp_path_factory.mktemp("filled")


def _server(request: pytest.FixtureRequest, kind: str) -> MariadbServer | PostgresServer:
    server: MariadbServer | PostgresServer = request.getfixturevalue("mariadb" if kind == MYSQL else "postgres")
    return server


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "backups")
