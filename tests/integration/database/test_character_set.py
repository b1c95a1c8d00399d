"""Databases of MariaDB in latin1: an empty one gets tables that hold every letter, one with tables is told about."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from flowship.checks.database import outcome
from flowship.database.drivers import MYSQL
from flowship.database.engine import open_engine
from flowship.database.migrating import character_set
from flowship.database.migrating.migrate import migrate
from tests.databases import databases_at, tracking_at
from tests.integration.database.places import execute, scalar, url_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

    from tests.integration.servers.mariadb import MariadbServer


def latin1(mariadb: MariadbServer) -> URL:
    url = url_of(mariadb.fresh_database(), MYSQL)
    execute(url, f"ALTER DATABASE {url.database} CHARACTER SET latin1")
    return url


def test_an_empty_one_gets_tables_for_every_letter(mariadb: MariadbServer) -> None:
    url, told = latin1(mariadb), list[str]()
    assert outcome(tracking_at(url))[0]

    migrate(databases_at(url), upgrade=True, report=told.append)

    engine = open_engine(url)
    assert character_set.of_database(engine).name == "utf8mb4"
    assert character_set.complaint(engine) is None
    assert any(words.endswith("will be in utf8mb4, which holds every letter") for words in told)
    execute(url, "INSERT INTO registered_models (name) VALUES ('größe 日本 😀')")
    assert scalar(url, "SELECT name FROM registered_models") == "größe 日本 😀"


def test_one_with_tables_is_told_with_the_commands_that_copy_it(mariadb: MariadbServer, tmp_path: Path) -> None:
    database, new = mariadb.fresh_database(), mariadb.fresh_database()
    url = url_of(database, MYSQL)
    execute(
        url,
        f"ALTER DATABASE {database.name} CHARACTER SET latin1",
        "CREATE TABLE experiments (name VARCHAR(64) PRIMARY KEY)",
        "CREATE TABLE runs (name VARCHAR(64), FOREIGN KEY (name) REFERENCES experiments (name))",
        "INSERT INTO experiments VALUES ('größe, CHARSET=latin1')",
        "INSERT INTO runs VALUES ('größe, CHARSET=latin1')",
    )

    works, said = outcome(tracking_at(url))
    assert not works
    assert "2 of its tables are in the character set latin1 (collation latin1_swedish_ci), in which names" in said

    script = said.partition("| sed '")[2].partition("' |")[0]
    mariadb.dump(database, tmp_path / "dump.sql")
    with (tmp_path / "wide.sql").open("wb") as wide:
        subprocess.run(["sed", script, str(tmp_path / "dump.sql")], stdout=wide, check=True)
    mariadb.load(new, tmp_path / "wide.sql")
    copied = url_of(new, MYSQL)
    assert character_set.complaint(open_engine(copied)) is None
    assert scalar(copied, "SELECT name FROM runs") == "größe, CHARSET=latin1"
    execute(copied, "INSERT INTO experiments VALUES ('日本 😀')")
