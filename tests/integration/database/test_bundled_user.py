"""The scripts of a bundled server's probes, as the chart renders them; the first makes MLflow's user, against a server
whose data is of before: MLflow was the superuser."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pymysql
import pytest
from psycopg import sql

from tests.integration.servers.database import fresh_name
from tests.integration.servers.postgres import SUPERUSER

if TYPE_CHECKING:
    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer

CHARTS = Path(__file__).parents[3] / "charts" / "mlflow" / "charts"
USER = "ann ü"
PASSWORD = "p@ss/w%rd: #1 \"$HOME\" <ü> 'quoted' \\ `id` 漢字"
THINGS = """
    CREATE TABLE runs (id serial PRIMARY KEY, at integer GENERATED ALWAYS AS IDENTITY);
    CREATE TABLE parts (id integer) PARTITION BY RANGE (id);
    CREATE TABLE "Part 1" PARTITION OF parts FOR VALUES FROM (0) TO (9);
    CREATE VIEW named AS SELECT id FROM runs;
    CREATE MATERIALIZED VIEW kept AS SELECT id FROM runs;
    CREATE SEQUENCE numbers;
    CREATE TYPE state AS ENUM ('on');
    CREATE TYPE pair AS (one integer);
    CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
    CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * 2';
    CREATE SCHEMA "my own";
    CREATE TABLE "my own".notes (id integer);
    CREATE ROLE reader;
    CREATE TABLE theirs (id integer);
    ALTER TABLE theirs OWNER TO reader;
    GRANT SELECT ON runs TO reader;
"""
OWNERS = """
    SELECT relname, pg_get_userbyid(relowner) FROM pg_class
        WHERE relnamespace IN ('public'::regnamespace, '"my own"'::regnamespace)
    UNION ALL SELECT typname, pg_get_userbyid(typowner) FROM pg_type WHERE typnamespace = 'public'::regnamespace
    UNION ALL SELECT proname, pg_get_userbyid(proowner) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT nspname, pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = 'my own'
    UNION ALL SELECT datname, pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()
"""


def start(section: str, claim: Path, **environ: str) -> str:
    """Run the startup probe; what it said."""
    variables = {"PATH": os.environ["PATH"], "PGDATA": str(claim / "pgdata"), **environ}
    script = CHARTS / section / "files" / "startup.sh"
    done = subprocess.run(["sh", str(script)], env=variables, capture_output=True, text=True, check=False)
    assert PASSWORD[:9] not in done.stdout + done.stderr
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def start_postgres(server: PostgresServer, claim: Path, name: str, user: str = USER) -> str:
    client = {"PGHOST": server.host, "PGPORT": str(server.port), "PGPASSWORD": server.superuser_password}
    return start("postgresql", claim, POSTGRES_DB=name, DATABASE_USER=user, DATABASE_PASSWORD=PASSWORD, **client)


def owners(server: PostgresServer, name: str) -> dict[str, set[str]]:
    """What each role has in a database."""
    found: dict[str, set[str]] = {}
    for thing, owner in server.execute(OWNERS, name):
        found.setdefault(owner, set()).add(thing)
    return found


def test_what_the_superuser_had_becomes_mlflows_and_what_others_have_stays_theirs(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    name = fresh_name()
    postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with postgres.connect(name) as connection:
        connection.execute(THINGS)
    (tmp_path / "being-made").touch()
    assert owners(postgres, name)[SUPERUSER] > {"runs", name}

    for _ in range(2):
        assert start_postgres(postgres, tmp_path, name) == ""
        found = owners(postgres, name)
        assert found.keys() == {USER, "reader"}
        assert found["reader"] == {"theirs", "_theirs"}
    assert not (tmp_path / "being-made").exists()
    assert postgres.execute(
        sql.SQL("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = {}").format(
            sql.Literal(USER)
        )
    ) == [(False, False, False)]
    login: dict[str, Any] = {
        "host": postgres.host,
        "port": postgres.port,
        "user": USER,
        "password": PASSWORD,
        "dbname": name,
    }
    with psycopg.connect(**login) as connection:
        connection.execute("ALTER TABLE runs ADD COLUMN more integer")
        assert connection.execute("SELECT has_table_privilege('reader', 'runs', 'SELECT')").fetchone() == (True,)

    # A rollback lets MLflow in as the superuser again, which makes tables; and another name gets what this one had.
    with postgres.connect(name) as connection:
        connection.execute("CREATE TABLE later (id integer)")
    start_postgres(postgres, tmp_path, name, "mlflow")
    found = owners(postgres, name)
    assert found.keys() == {"mlflow", "reader"}
    assert "later" in found["mlflow"]


def test_names_that_mlflows_user_makes_are_not_run_by_the_superuser(postgres: PostgresServer, tmp_path: Path) -> None:
    name = fresh_name()
    postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    start_postgres(postgres, tmp_path, name, "mallory")
    login: dict[str, Any] = {
        "host": postgres.host,
        "port": postgres.port,
        "user": "mallory",
        "password": PASSWORD,
        "dbname": name,
    }
    with psycopg.connect(**login) as connection:
        connection.execute(
            "CREATE FUNCTION public.format(text, name) RETURNS text LANGUAGE sql AS"
            " $$ SELECT 'ROLE mallory SUPERUSER; --' $$"
        )
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET search_path = public, pg_catalog").format(sql.Identifier(name))
        )
    postgres.execute("CREATE SCHEMA later", name)  # whose name goes through that function
    start_postgres(postgres, tmp_path, name, "mallory")

    assert postgres.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'") == [(False,)]


def test_a_database_that_is_not_there_is_mlflows_to_tell(postgres: PostgresServer, tmp_path: Path) -> None:
    assert start_postgres(postgres, tmp_path, "nobodys") == ""


def test_mysqls_user_may_do_all_in_its_database_and_nothing_else(mariadb: MariadbServer, tmp_path: Path) -> None:
    name, other = f"{fresh_name()}_1", fresh_name()
    for each in (name, other):
        mariadb.execute(f"CREATE DATABASE `{each}`")
    environ = {
        "MYSQL_TCP_PORT": str(mariadb.port), "MYSQL_ROOT_PASSWORD": mariadb.superuser_password,
        "MYSQL_DATABASE": name, "DATABASE_USER": USER, "DATABASE_PASSWORD": PASSWORD,
    }  # fmt: skip
    # The image's administrator, whom the server of the tests does not have.
    mariadb.execute("CREATE OR REPLACE USER root@'%%' IDENTIFIED BY %s", (mariadb.superuser_password,))
    mariadb.execute("GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION")

    for _ in range(2):
        assert start("mysql", tmp_path, **environ) == ""
    grants = [row[0].split(" TO ")[0] for row in mariadb.execute("SHOW GRANTS FOR %s", (USER,))]
    mariadb.execute("DROP USER root@'%'")

    pattern = name.replace("_", "\\_")
    assert grants == ["GRANT USAGE ON *.*", f"GRANT ALL PRIVILEGES ON `{pattern}`.*"]
    login: dict[str, Any] = {"host": mariadb.host, "port": mariadb.port, "user": USER, "password": PASSWORD.encode()}
    with pymysql.connect(**login, database=name, charset="utf8mb4") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE runs (id integer)")
    with pytest.raises(pymysql.OperationalError, match="Access denied"):
        pymysql.connect(**login, database=other)


def test_a_changed_password_of_mysqls_superuser_does_not_stop_the_server(
    mariadb: MariadbServer, tmp_path: Path
) -> None:
    environ = {
        "MYSQL_TCP_PORT": str(mariadb.port), "MYSQL_ROOT_PASSWORD": "an old one",
        "MYSQL_DATABASE": "mlflow", "DATABASE_USER": USER, "DATABASE_PASSWORD": PASSWORD,
    }  # fmt: skip
    assert start("mysql", tmp_path, **environ) == ""


REFUSAL = b"SFATAL\0C57P03\0Mthe database system is in recovery mode\0\0"
RECOVERING = b"E" + (len(REFUSAL) + 4).to_bytes(4) + REFUSAL
"""What PostgreSQL says to who connects while it recovers."""


def probe(section: str, script: str, **environ: str) -> bool:
    command = ["sh", str(CHARTS / section / "files" / f"{script}.sh")]
    variables = {"PATH": os.environ["PATH"], "MYSQL_ROOT_PASSWORD": "", **environ}
    return subprocess.run(command, env=variables, capture_output=True, check=False).returncode == 0


def test_a_server_that_answers_is_alive(postgres: PostgresServer, mariadb: MariadbServer) -> None:
    """MariaDB of the tests refuses root, as one with another password or without a free connection would."""
    assert probe("postgresql", "alive", PGPORT=str(postgres.port))
    assert probe("mysql", "alive", MYSQL_TCP_PORT=str(mariadb.port))


def test_a_port_where_nothing_answers_is_not_alive() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
    assert not probe("postgresql", "alive", PGPORT=port)
    assert not probe("mysql", "alive", MYSQL_TCP_PORT=port)


def test_a_server_that_recovers_is_alive_and_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def refuse() -> None:
            for _ in ("alive", "ready"):
                connection, _ = listening.accept()
                with connection:
                    connection.recv(1000)
                    connection.sendall(RECOVERING)

        threading.Thread(target=refuse, daemon=True).start()
        client = {"PGPORT": str(listening.getsockname()[1]), "PGSSLMODE": "disable", "PGGSSENCMODE": "disable"}

        assert probe("postgresql", "alive", **client)
        assert not probe("postgresql", "ready", **client)
