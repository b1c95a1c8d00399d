from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.database.drivers import MYSQL
from flowship.database.url import sqlite_url
from tests.integration.database.places import url_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL


@pytest.fixture
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], URL]:
    """Makes an empty database of a kind of `KINDS`; starts only the servers that are asked for."""

    def make(kind: str) -> URL:
        if kind == "sqlite":
            return sqlite_url(tmp_path / "mlflow.db")
        server = request.getfixturevalue("mariadb" if kind == MYSQL else "postgres")
        return url_of(server.fresh_database(), kind)

    return make
