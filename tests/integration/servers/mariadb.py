"""MariaDB, as Debian packages it. It speaks MySQL's protocol, so it also stands for MySQL in the tests."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
from typing import TYPE_CHECKING, Any, ClassVar

import pymysql

from tests.integration.servers.database import Database, fresh_name, hard_password
from tests.integration.servers.process import Server, find_program

if TYPE_CHECKING:
    from pathlib import Path

    import trustme
    from pymysql.connections import Connection

SUPERUSER = "administrator"

# Nothing survives the test run, so nothing needs to reach the disk; and the files are kept small.
SETTINGS = {
    "bind-address": Server.host,
    "character-set-server": "utf8mb4",
    "innodb-buffer-pool-size": "64M",
    "innodb-doublewrite": "OFF",
    "innodb-flush-log-at-trx-commit": "0",
    "innodb-flush-method": "nosync",
    "innodb-log-file-size": "16M",
    "skip-log-bin": "",
    # A user is known by the address it comes from, which spares a name look-up for each connection.
    "skip-name-resolve": "",
}

FIRST_STATEMENTS = """\
DELETE FROM mysql.global_priv WHERE User IN ('', 'root');
FLUSH PRIVILEGES;
CREATE OR REPLACE USER '{user}'@'%' IDENTIFIED BY '{password}';
GRANT ALL ON *.* TO '{user}'@'%' WITH GRANT OPTION;
"""


class MariadbServer(Server):
    """A MariaDB server of its own, where every login needs a password.

    With a certificate it offers TLS to who asks for it; with `tls_only` it refuses everybody else.
    """

    name = "mariadb"
    user: ClassVar[str | None] = "mysql"
    in_memory = True  # each statement that makes or changes a table is synced, and a migration has hundreds

    def __init__(self, certificate: trustme.LeafCert | None = None, *, tls_only: bool = False) -> None:
        super().__init__()
        self.superuser_password = secrets.token_hex(16)
        self._certificate = certificate
        self._tls_only = tls_only

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def socket(self) -> Path:
        return self.directory / "mariadb.sock"

    def prepare(self) -> None:
        self.run(
            [
                find_program("mariadb-install-db"),
                "--no-defaults",
                "--skip-test-db",
                "--auth-root-authentication-method=normal",
                "--skip-name-resolve",
                f"--datadir={self.data}",
                # A server that starts removes what others like it keep in a shared directory.
                f"--tmpdir={self.directory}",
            ]
        )
        self._write_first_statements()
        if self._certificate is not None:
            self._write_certificate(self._certificate)

    def command(self) -> list[str]:
        settings = {
            **SETTINGS,
            "datadir": str(self.data),
            "init-file": str(self.directory / "first.sql"),
            "pid-file": str(self.directory / "mariadb.pid"),
            "port": str(self.port),
            "socket": str(self.socket),
            "tmpdir": str(self.directory),
        }
        if self._certificate is not None:
            settings |= {"ssl-cert": str(self.directory / "server.crt"), "ssl-key": str(self.directory / "server.key")}
        if self._tls_only:
            settings["require-secure-transport"] = "ON"
        options = [f"--{name}={value}" if value else f"--{name}" for name, value in settings.items()]
        return [find_program("mariadbd"), "--no-defaults", *options]

    def ask(self) -> None:
        self.execute("SELECT 1")

    def connect(self, name: str | None = None) -> Connection[Any]:
        """The administrator's connection, which commits each statement by itself. It needs no TLS: a local socket."""
        connection = pymysql.connect(
            user=SUPERUSER,
            password=self.superuser_password,
            database=name,
            charset="utf8mb4",
            autocommit=True,
            defer_connect=True,
        )
        # PyMySQL leaves its own socket open when nobody listens, and that warning fails a later test.
        local = socket.socket(socket.AF_UNIX)
        try:
            local.settimeout(10)
            local.connect(str(self.socket))
            connection.connect(local)
        except BaseException:
            local.close()
            raise
        return connection

    def execute(
        self, statement: str, arguments: tuple[object, ...] | None = None, name: str | None = None
    ) -> list[Any]:
        """Run one statement as the administrator; gives its rows, if it has any."""
        with self.connect(name) as connection, connection.cursor() as cursor:
            cursor.execute(statement, arguments)
            return list(cursor.fetchall())

    def create_database(self, name: str, user: str, password: str) -> Database:
        """A database with a user who can log in and has all rights on it alone. Any name and any password will do."""
        self.execute(f"CREATE DATABASE {quoted(name)}")
        self.execute("CREATE USER %s@'%%' IDENTIFIED BY %s", (user, password))
        # In GRANT, unlike elsewhere, _ and % of a database's name are wildcards.
        pattern = name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
        self.execute(f"GRANT ALL ON {quoted(pattern).replace('%', '%%')}.* TO %s@'%%'", (user,))
        return Database(self.host, self.port, name, user, password)

    def fresh_database(self) -> Database:
        """An empty database with a user of its own, whose password is hard to quote."""
        name = fresh_name()
        return self.create_database(name, name, hard_password())

    def dump(self, database: Database, file: Path) -> None:
        """Write everything in the database to a file of SQL."""
        command = [*self._client("mariadb-dump"), "--single-transaction", database.name]
        with file.open("wb") as output:
            subprocess.run(command, env=self._password(), stdout=output, check=True)

    def load(self, database: Database, file: Path) -> None:
        """Run a file of SQL in the database."""
        command = [*self._client("mariadb"), f"--database={database.name}"]
        with file.open("rb") as script:
            subprocess.run(command, env=self._password(), stdin=script, check=True)

    def _client(self, program: str) -> list[str]:
        options = ["--no-defaults", "--default-character-set=utf8mb4"]
        return [find_program(program), *options, f"--socket={self.socket}", f"--user={SUPERUSER}"]

    def _password(self) -> dict[str, str]:
        return {**os.environ, "MYSQL_PWD": self.superuser_password}

    def _write_first_statements(self) -> None:
        """What the server does at each start: its administrator may log in, and nobody else without a password."""
        script = self.directory / "first.sql"
        script.write_text(FIRST_STATEMENTS.format(user=SUPERUSER, password=self.superuser_password))
        script.chmod(0o600)
        self.own(script)

    def _write_certificate(self, certificate: trustme.LeafCert) -> None:
        key, chain = self.directory / "server.key", self.directory / "server.crt"
        certificate.private_key_pem.write_to_path(key)
        key.chmod(0o600)
        for index, pem in enumerate(certificate.cert_chain_pems):
            pem.write_to_path(chain, append=index > 0)
        for path in (key, chain):
            self.own(path)


def quoted(name: str) -> str:
    """A name as MariaDB's grammar wants it; PyMySQL quotes values only."""
    return "`" + name.replace("`", "``") + "`"
