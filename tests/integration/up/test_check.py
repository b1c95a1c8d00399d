"""`flowship check --live` against real databases: what works, and what is wrong with what does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.integration.flowship import run, write_values
from tests.integration.servers.database import Database
from tests.integration.servers.mariadb import MariadbServer
from tests.integration.servers.postgres import PostgresServer
from tests.integration.servers.process import free_port
from tests.integration.users import auth


def check(tmp_path: Path, values: dict[str, Any]) -> tuple[int, list[str]]:
    file = write_values(tmp_path / "values.yaml", values)
    done = run("check", "-f", str(file), "--data", str(tmp_path / "data"), "--live")
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("kind", ["postgres", "mysql"])
def test_an_empty_database_works(kind: str, postgres: PostgresServer, mariadb: MariadbServer, tmp_path: Path) -> None:
    database = postgres.fresh_database() if kind == "postgres" else mariadb.fresh_database()

    status, lines = check(tmp_path, {"backendStore": {kind: database.section()}})

    assert status == 0
    assert lines[0] == f"✓ valid: {tmp_path / 'values.yaml'}"
    assert lines[1].startswith(f"✓ backendStore.{kind}: ")
    assert lines[1].endswith("answers without TLS; its schema may be changed; it is empty, so its tables will be made")


def test_nothing_is_left_behind(postgres: PostgresServer, mariadb: MariadbServer, tmp_path: Path) -> None:
    one, other = postgres.fresh_database(), mariadb.fresh_database()

    assert check(tmp_path, {"backendStore": {"postgres": one.section()}})[0] == 0
    assert check(tmp_path, {"backendStore": {"mysql": other.section()}})[0] == 0

    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema "
    assert postgres.execute(f"{tables} = 'public'", one.name) == [(0,)]
    with mariadb.connect(other.name) as connection, connection.cursor() as cursor:
        cursor.execute(f"{tables} = DATABASE()")
        assert list(cursor.fetchall()) == [(0,)]
    assert not (tmp_path / "data").exists()


def test_tls_is_told(certificate_authority: trustme.CA, tmp_path: Path) -> None:
    with PostgresServer(certificate_authority.issue_cert("127.0.0.1")) as server:
        status, lines = check(tmp_path, {"backendStore": {"postgres": server.fresh_database().section()}})

    assert status == 0
    assert "answers over TLSv1.3;" in lines[1]


def test_a_certificate_of_somebody_else_is_told(certificate_authority: trustme.CA, tmp_path: Path) -> None:
    authority = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(authority)
    strict = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(authority)}
    with PostgresServer(certificate_authority.issue_cert("127.0.0.1")) as server:
        values = {"backendStore": {"postgres": server.fresh_database().section()}, "extraEnvVars": strict}
        status, lines = check(tmp_path, values)

    assert status == 1
    assert lines[1].startswith("✗ backendStore.postgres: ")
    assert "certificate" in lines[1]


Broken = Callable[[Database], dict[str, Any]]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda d: d.section(password="wrong"), "backendStore.postgres.password"),
        (lambda d: d.section(database="nowhere"), "nowhere"),
        (lambda d: d.section(host="nowhere.invalid"), "nowhere.invalid"),
        (lambda d: d.section(port=free_port()), "nothing listens on"),
    ],
    ids=["wrong password", "no such database", "no such host", "nothing listens"],
)
def test_a_database_that_cannot_be_reached_is_told(
    broken: Broken, said: str, postgres: PostgresServer, tmp_path: Path
) -> None:
    database = postgres.fresh_database()

    status, lines = check(tmp_path, {"backendStore": {"postgres": broken(database)}})

    assert status == 1
    assert lines[1].startswith("✗ backendStore.postgres")
    assert said in lines[1]
    assert database.password not in "".join(lines)


@pytest.mark.parametrize(
    ("statement", "mark", "said"),
    [
        ("INSERT INTO alembic_version VALUES ('0584bdc529eb')", "✓", "which flowship migrate brings to"),
        ("INSERT INTO alembic_version VALUES ('fffffffffff1')", "✗", "which this MLflow does not know"),
        ("CREATE TABLE orders (id int)", "✗", "holds tables that are not MLflow's (experiments, orders, runs)"),
    ],
    ids=["older", "newer", "something else"],
)
def test_the_revision_is_told(statement: str, mark: str, said: str, postgres: PostgresServer, tmp_path: Path) -> None:
    database = postgres.fresh_database()
    for table in ("alembic_version (version_num varchar)", "experiments (id int)", "runs (id int)"):
        postgres.execute(f"CREATE TABLE {table}", database.name)
    postgres.execute(statement, database.name)
    postgres.execute(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{database.user}"', database.name)

    status, lines = check(tmp_path, {"backendStore": {"postgres": database.section()}})

    assert lines[1].startswith(f"{mark} backendStore.postgres")
    assert said in lines[1]
    assert status == (0 if mark == "✓" else 1)


def test_missing_rights_are_told_with_what_an_administrator_must_run(postgres: PostgresServer, tmp_path: Path) -> None:
    database = postgres.fresh_database()
    postgres.execute(f'REVOKE CREATE ON SCHEMA public FROM PUBLIC, "{database.user}"', database.name)
    postgres.execute("ALTER SCHEMA public OWNER TO postgres", database.name)
    postgres.execute(f'ALTER DATABASE "{database.name}" OWNER TO postgres')
    postgres.execute(f'GRANT CONNECT ON DATABASE "{database.name}" TO "{database.user}"')

    status, lines = check(tmp_path, {"backendStore": {"postgres": database.section()}})

    assert status == 1
    assert f'GRANT USAGE, CREATE ON SCHEMA public TO "{database.user}"' in lines[1]


def test_host_names_and_the_auth_database_are_tried_too(postgres: PostgresServer, tmp_path: Path) -> None:
    values = {
        "auth": auth(postgres=postgres.fresh_database().section()),
        "allowedHosts": ["localhost", "nowhere.invalid", "*.example.com"],
    }

    status, lines = check(tmp_path, values)

    assert status == 1
    assert lines[1].endswith("mlflow.db will be made by flowship up")
    assert lines[2].startswith("✓ auth.postgres: ")
    assert lines[4] == "✓ artifacts: clients send and fetch all files through the server"
    assert lines[5:] == [
        "✓ localhost: this host name is known",
        "✗ nowhere.invalid: this host name is not known here; add it to your DNS",
    ]
