"""PgBouncer, as Debian packages it, between clients and one database of PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import psycopg

from tests.integration.servers.process import Server, find_program

if TYPE_CHECKING:
    from tests.integration.servers.database import Database

SETTINGS = """\
[databases]
* = host={database.host} port={database.port}

[pgbouncer]
listen_addr = {host}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
"""


class PgBouncer(Server):
    """Hands out connections to the database of one owner for a transaction each, `size` of them."""

    name = "pgbouncer"
    user: ClassVar[str | None] = "postgres"

    def __init__(self, database: Database, size: int = 10) -> None:
        super().__init__()
        self._behind = database
        self._size = size

    @property
    def database(self) -> Database:
        """The database as clients reach it."""
        return replace(self._behind, host=self.host, port=self.port)

    def prepare(self) -> None:
        users = self.directory / "users"
        user, password = (text.replace('"', '""') for text in (self._behind.user, self._behind.password))
        users.write_text(f'"{user}" "{password}"\n')
        users.chmod(0o600)
        settings = self.directory / "pgbouncer.ini"
        settings.write_text(
            SETTINGS.format(database=self._behind, host=self.host, port=self.port, users=users, size=self._size)
        )
        for file in (users, settings):
            self.own(file)

    def command(self) -> list[str]:
        return [find_program("pgbouncer"), str(self.directory / "pgbouncer.ini")]

    def ask(self) -> None:
        database = self.database
        psycopg.connect(
            host=database.host,
            port=database.port,
            user=database.user,
            password=database.password,
            dbname=database.name,
            connect_timeout=10,
            prepare_threshold=None,
        ).close()
