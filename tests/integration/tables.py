"""Databases with MLflow's tables in them: making these takes seconds, and is shown by the tests of migrations."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.flowship import run, write_values

if TYPE_CHECKING:
    from tests.integration.servers.database import Database
    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer

SECTIONS = {"postgres": "postgres", "mariadb": "mysql"}


def database_with_tables(server: PostgresServer | MariadbServer) -> Database:
    """A database of its own user, with the tables that `flowship migrate` makes, and nothing in them."""
    database = server.fresh_database()
    with tempfile.TemporaryDirectory() as directory:
        dump = Path(directory, "tables.sql")
        dump.write_bytes(_tables(server))
        server.load(database, dump)
    return database


_dumps: dict[str, bytes] = {}


def _tables(server: PostgresServer | MariadbServer) -> bytes:
    """SQL that makes the tables on servers of this kind."""
    if server.name not in _dumps:
        _dumps[server.name] = _migrated(server)
    return _dumps[server.name]


def _migrated(server: PostgresServer | MariadbServer) -> bytes:
    database = server.fresh_database()
    with tempfile.TemporaryDirectory() as directory:
        values = {"backendStore": {SECTIONS[server.name]: database.section()}}
        file = write_values(Path(directory, "values.yaml"), values)
        done = run("migrate", "--data", directory, "-f", str(file))
        assert done.returncode == 0, done.stderr
        dump = Path(directory, "tables.sql")
        server.dump(database, dump)
        return dump.read_bytes()
