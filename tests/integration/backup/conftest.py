from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from flowship.backup.catalog import Catalog
from flowship.database.url import MYSQL, sqlite_url
from tests.integration.backup.rows import fill
from tests.integration.database.places import url_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], URL]:
    """Makes an empty database of a kind, at each call another; its password is hard to quote."""

    def make(kind: str) -> URL:
        if kind == "sqlite":
            return sqlite_url(tmp_path / secrets.token_hex(4) / "mlflow.db")
        server = request.getfixturevalue("mariadb" if kind == MYSQL else "postgres")
        return url_of(server.fresh_database(), kind)

    return make


@pytest.fixture
def filled(empty: Callable[[str], URL]) -> Callable[[str], URL]:
    """Makes a database with rows."""

    def make(kind: str) -> URL:
        url = empty(kind)
        fill(url)
        return url

    return make


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "backups")
