"""PostgreSQL, as Debian packages it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from psycopg import sql

from tests.integration.servers.database import Database, fresh_name, hard_password
from tests.integration.servers.process import Server, find_program

if TYPE_CHECKING:
    import trustme

SUPERUSER = "postgres"

# Nothing survives the test run, so nothing needs to reach the disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": Server.host,
    "shared_buffers": "32MB",
}


class PostgresServer(Server):
    """A PostgreSQL server of its own, where every login needs a password (SCRAM).

    With a certificate it offers TLS to who asks for it; with `tls_only` it refuses everybody else. `connections` are
    its max_connections, of which three are for superusers.
    """

    name = "postgres"
    user: ClassVar[str | None] = "postgres"
    stop_signal = signal.SIGINT  # "fast" shutdown; SIGTERM would wait for the clients to leave

    def __init__(
        self, certificate: trustme.LeafCert | None = None, *, tls_only: bool = False, connections: int = 200
    ) -> None:
        super().__init__()
        self._connections = connections
        self.superuser_password = secrets.token_hex(16)
        self._certificate = certificate
        self._tls_only = tls_only

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def prepare(self) -> None:
        password_file = self.directory / "superuser-password"
        password_file.write_text(self.superuser_password)
        password_file.chmod(0o600)
        self.own(password_file)
        self.run(
            [
                _program("initdb"),
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                f"--username={SUPERUSER}",
                "--auth=scram-sha-256",
                f"--pwfile={password_file}",
                f"--pgdata={self.data}",
            ]
        )
        if self._certificate is not None:
            self._write_certificate(self._certificate)

    def command(self) -> list[str]:
        settings = {
            **SETTINGS,
            "max_connections": str(self._connections),
            "port": str(self.port),
            "unix_socket_directories": str(self.directory),
        }
        if self._certificate is not None:
            settings["ssl"] = "on"
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [_program("postgres"), "-D", str(self.data), *options]

    def ask(self) -> None:
        self.execute("SELECT 1")

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A superuser's connection, which commits each statement by itself."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=SUPERUSER,
            password=self.superuser_password,
            dbname=name,
            connect_timeout=10,
            autocommit=True,
        )

    def execute(self, statement: str | sql.Composed, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser; gives its rows, if it has any."""
        query = sql.SQL(statement) if isinstance(statement, str) else statement
        with self.connect(name) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []

    def create_database(self, name: str, owner: str, password: str, *, template: str = "template1") -> Database:
        """A database with an owner who can log in. Any name and any password will do.

        With another database as template, it is a copy: PostgreSQL copies the files, which takes a fraction of a
        second. The copy's tables belong to whoever owns them in the template.
        """
        role, database = sql.Identifier(owner), sql.Identifier(name)
        self.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(password)))
        self.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(database, role, sql.Identifier(template))
        )
        # Only the owner may connect, as a careful administrator arranges it.
        self.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        return Database(self.host, self.port, name, owner, password)

    def fresh_database(self) -> Database:
        """An empty database with a user of its own, whose password is hard to quote."""
        name = fresh_name()
        return self.create_database(name, name, hard_password())

    def drop_connections(self, name: str) -> None:
        """Cut every client off from the database, as a restart of a proxy in between does."""
        self.execute(
            sql.SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(
                sql.Literal(name)
            )
        )

    def dump(self, database: Database, file: Path) -> None:
        """Write everything in the database to a file of SQL, without saying who owns it."""
        command = [*self._client("pg_dump", SUPERUSER, database.name), "--no-owner", "--no-privileges"]
        with file.open("wb") as output:
            subprocess.run(command, env=self._password(self.superuser_password), stdout=output, check=True)

    def load(self, database: Database, file: Path) -> None:
        """Run a file of SQL as the owner of the database."""
        command = self._client("psql", database.user, database.name)
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set", "ON_ERROR_STOP=1", "--file", str(file)]
        subprocess.run(
            [*command, *options], env=self._password(database.password), stdout=subprocess.DEVNULL, check=True
        )

    def _client(self, program: str, user: str, name: str) -> list[str]:
        address = ["--host", self.host, "--port", str(self.port), "--username", user, "--no-password"]
        return [_program(program), *address, "--dbname", name]

    def _password(self, password: str) -> dict[str, str]:
        return {**os.environ, "PGPASSWORD": password}

    def _write_certificate(self, certificate: trustme.LeafCert) -> None:
        key = self.data / "server.key"
        certificate.private_key_pem.write_to_path(key)
        key.chmod(0o600)
        chain = self.data / "server.crt"
        for index, pem in enumerate(certificate.cert_chain_pems):
            pem.write_to_path(chain, append=index > 0)
        for path in (key, chain):
            self.own(path)
        if self._tls_only:
            rules = self.data / "pg_hba.conf"
            rules.write_text("local all all scram-sha-256\nhostssl all all all scram-sha-256\n")


def _program(name: str) -> str:
    """Debian keeps each version's programs in a directory of their own; the newest is used."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    return find_program(name, *sorted(versions, key=lambda path: float(path.parent.name), reverse=True))
