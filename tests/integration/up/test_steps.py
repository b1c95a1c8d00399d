"""The steps of a pod, each a program of its own, with the values in a file and the password in a variable."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.effects import shows
from tests.integration.flowship import PROGRAM, SERVER, clean, quick, run, write_values
from tests.integration.servers.database import Database
from tests.integration.servers.mariadb import MariadbServer
from tests.integration.servers.postgres import PostgresServer
from tests.integration.servers.process import free_port


def secret_values(tmp_path: Path, kind: str, database: Database, **more: Any) -> Path:
    """What the chart mounts when the user and the password are in a Secret of the user's own."""
    section = {"enabled": True, "host": database.host, "port": database.port, "database": database.name}
    values = {"backendStore": {kind: section, "existingDatabaseSecret": {"name": "my-secret"}, **more}}
    return write_values(tmp_path / "values.yaml", quick(values))


def credentials(kind: str, database: Database) -> dict[str, str]:
    user, password = ("PGUSER", "PGPASSWORD") if kind == "postgres" else ("MYSQL_USERNAME", "MYSQL_PWD")
    return {user: database.user, password: database.password}


def listening(port: int) -> tuple[str, ...]:
    """Options for a server on loopback, with an inner port that is free too."""
    return ("--host", "127.0.0.1", "--port", str(port), "--inner-port", str(free_port()))


@shows("backendStore.postgres.enabled", "backendStore.postgres.host", "backendStore.postgres.port")
@pytest.mark.parametrize("kind", ["postgres", "mysql"])
def test_wait_migrate_and_serve_follow_each_other_with_the_password_in_a_variable(
    kind: str, postgres: PostgresServer, mariadb: MariadbServer, tmp_path: Path
) -> None:
    database = postgres.fresh_database() if kind == "postgres" else mariadb.fresh_database()
    environ = credentials(kind, database)
    options = ("-f", str(secret_values(tmp_path, kind, database)), "--data", str(tmp_path / "data"))

    waited = run("wait", *options, environ=environ)
    migrated = run("migrate", *options, environ=environ)

    assert (waited.returncode, migrated.returncode) == (0, 0), waited.stderr + migrated.stderr
    assert "answers" in waited.stderr
    assert "is ready for this MLflow" in migrated.stderr
    with contextlib.ExitStack() as stack:
        port = free_port()
        log = stack.enter_context((tmp_path / "serve.log").open("wb"))
        server = subprocess.Popen(
            [PROGRAM, "serve", *options, *listening(port)],
            env=clean(environ),
            stdout=log,
            stderr=log,
        )
        stack.callback(server.kill)
        assert _answers(f"http://127.0.0.1:{port}/health", server)
        line = Path(f"/proc/{server.pid}/cmdline").read_bytes()
        server.send_signal(signal.SIGTERM)
        server.wait(300)

    assert database.password.encode() not in line
    assert SERVER.match(line)


def _answers(address: str, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(requests.RequestException):
            return requests.get(address, timeout=5).status_code == 200
        time.sleep(0.2)
    return False


def test_wait_gives_up_after_its_time_with_the_cause(tmp_path: Path) -> None:
    nowhere = Database("127.0.0.1", free_port(), "d", "u", "p")
    file = secret_values(tmp_path, "postgres", nowhere)

    waited = run("wait", "-f", str(file), "--timeout", "1", environ=credentials("postgres", nowhere))

    assert waited.returncode == 1
    assert "did not answer within" in waited.stderr
    assert "Traceback" not in waited.stderr


def test_serve_refuses_an_old_database_until_it_is_migrated(postgres: PostgresServer, tmp_path: Path) -> None:
    database = postgres.fresh_database()
    environ = credentials("postgres", database)
    options = ("-f", str(secret_values(tmp_path, "postgres", database)), "--data", str(tmp_path / "data"))
    assert run("migrate", *options, environ=environ).returncode == 0
    postgres.execute("INSERT INTO experiments (name, lifecycle_stage) VALUES ('used', 'active')", database.name)
    postgres.execute("UPDATE alembic_version SET version_num = '7ac759974ad8'", database.name)

    served = run("serve", *options, *listening(free_port()), environ=environ)

    assert served.returncode == 1
    assert "older than this MLflow's" in served.stderr
    assert "flowship migrate" in served.stderr


def test_a_missing_values_file_is_a_sentence(tmp_path: Path) -> None:
    missing = run("serve", "-f", str(tmp_path / "nowhere.yaml"))

    assert missing.returncode == 2
    assert "nowhere.yaml: cannot be read: No such file or directory." in missing.stderr
