"""Any user, password and database name reaches the server as it is, by each driver and through MLflow itself."""

from __future__ import annotations

import string
import warnings
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import make_url

from flowship.database.drivers import MYSQL
from flowship.database.migrating.migrate import migrate
from flowship.database.wait import attempt
from tests.databases import databases_at, tracking_at
from tests.effects import shows
from tests.integration.database.places import scalar, url_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer

PRINTABLE = "".join(chr(code) for code in range(32, 127))
# Names have limits, so the characters are dealt out; each stands between others, and some at either end.
PIECES = [PRINTABLE[start : start + 16] for start in range(0, len(PRINTABLE), 16)]
BEYOND = "é ß 密 Ω ñ"
EMOJI = "😀👩‍🔬"
PASSWORDS = [f" {PRINTABLE}{BEYOND}{EMOJI} ", *(piece * 2 for piece in PIECES), BEYOND, EMOJI, "%41%%", "\\'\"`$(x)"]
POSTGRES_DRIVERS = ["postgresql+psycopg2", "postgresql+psycopg"]


def test_every_printable_character_is_dealt_out() -> None:
    assert set("".join(PIECES)) == set(string.printable) - set("\t\n\r\x0b\x0c")


@pytest.mark.parametrize("password", PASSWORDS)
def test_postgres_takes_every_password(postgres: PostgresServer, password: str) -> None:
    name = f"p{PASSWORDS.index(password)}"
    database = postgres.create_database(name, name, password)

    for driver in POSTGRES_DRIVERS:
        assert attempt(tracking_at(url_of(database, driver))) is None


@pytest.mark.parametrize("password", PASSWORDS)
def test_mysql_takes_every_password(mariadb: MariadbServer, password: str) -> None:
    name = f"p{PASSWORDS.index(password)}"
    database = mariadb.create_database(name, name, password)

    assert attempt(tracking_at(url_of(database, MYSQL))) is None


@shows("backendStore.postgres.user", "backendStore.postgres.database", "backendStore.postgres.driver")
@pytest.mark.parametrize("piece", [*PIECES, f" {BEYOND} 😀 "])
def test_postgres_takes_every_user_and_database_name(postgres: PostgresServer, piece: str) -> None:
    database = postgres.create_database(f"{piece}d{piece}", f"{piece}u{piece}", piece)

    for driver in POSTGRES_DRIVERS:
        url = make_url(url_of(database, driver).render_as_string(hide_password=False))
        assert scalar(url, "SELECT current_user || '/' || current_database()") == f"{database.user}/{database.name}"


@shows(
    "backendStore.mysql.enabled",
    "backendStore.mysql.host",
    "backendStore.mysql.port",
    "backendStore.mysql.user",
    "backendStore.mysql.database",
    "backendStore.mysql.driver",
)
@pytest.mark.parametrize("piece", [*PIECES, BEYOND])
def test_mysql_takes_every_user_and_database_name(mariadb: MariadbServer, piece: str) -> None:
    # MariaDB itself takes no name that ends with a space.
    database = mariadb.create_database(f"{piece}d{piece}.", f"{piece}u{piece}.", piece)
    url = make_url(url_of(database, MYSQL).render_as_string(hide_password=False))

    assert scalar(url, "SELECT database()") == database.name
    assert str(scalar(url, "SELECT current_user()")).rpartition("@")[0] == database.user


@pytest.mark.parametrize("dialect", [*POSTGRES_DRIVERS, MYSQL])
def test_mlflows_own_stores_take_them_too(
    postgres: PostgresServer, mariadb: MariadbServer, tmp_path: Path, dialect: str
) -> None:
    name = f"{dialect[-4:]} %@:/?#[]&=+'\"`\\ é密x"
    server: PostgresServer | MariadbServer = mariadb if dialect == MYSQL else postgres
    url = url_of(server.create_database(name, name, PASSWORDS[0]), dialect)
    migrate(databases_at(url, None if dialect == MYSQL else url), upgrade=True, report=lambda _: None)
    uri = url.render_as_string(hide_password=False)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow.store.model_registry.sqlalchemy_store import SqlAlchemyStore as Registry
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore as Tracking
        from mlflow.utils.uri import extract_db_type_from_uri

        experiment = Tracking(uri, str(tmp_path)).create_experiment("é 密 😀")
        model = Registry(uri).create_registered_model("é 密 😀")

    assert Tracking(uri, str(tmp_path)).get_experiment(experiment).name == model.name == "é 密 😀"
    assert extract_db_type_from_uri(uri) == url.get_backend_name()
