"""Which database the values name, under which key."""

from __future__ import annotations

import configparser
import importlib.util
import string
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from sqlalchemy import URL, make_url

from flowship.database.database import Database
from flowship.database.drivers import MYSQL
from flowship.database.from_values import databases, tracking_database
from flowship.database.part import Part
from flowship.database.url import listens_at, server_host, sqlite_url
from flowship.errors import MissingExtraError
from flowship.values.model.root import Values

DATA = Path("/data")
HARD = string.printable + " é ß 密 😀 "
SERVER = {"enabled": True, "host": "db.example.com", "database": HARD, "user": HARD, "password": HARD}
LDAP = {"enabled": True, "uri": "ldap://a"}


def values(**sections: object) -> Values:
    return Values.model_validate(sections)


def tracking(host: str | None = None, **sections: object) -> Database:
    return tracking_database(values(**sections), DATA, host)


def users(host: str | None = None, **sections: object) -> Database:
    found = databases(values(**sections), DATA, host).auth
    assert found is not None
    return found


def rendered(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def test_without_a_server_runs_are_in_a_file_of_the_data_directory() -> None:
    found = tracking()

    assert rendered(found.url) == "sqlite+pysqlite:////data/mlflow.db"
    assert (found.key, found.part, found.is_file) == ("backendStore", Part.TRACKING, True)


def test_a_file_does_not_depend_on_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert tracking_database(values(), Path("here")).file == tmp_path / "here" / "mlflow.db"


@pytest.mark.parametrize(
    ("driver", "dialect"),
    [("", "postgresql+psycopg2"), ("psycopg2", "postgresql+psycopg2"), ("psycopg", "postgresql+psycopg")],
)
def test_postgres_always_has_its_driver(driver: str, dialect: str) -> None:
    found = tracking(backendStore={"postgres": {**SERVER, "driver": driver}})

    assert (found.url.drivername, found.key, found.kind) == (dialect, "backendStore.postgres", "postgresql")


def test_mysql_always_has_the_dialect_that_takes_any_password() -> None:
    for driver in ("", "pymysql"):
        found = tracking(backendStore={"mysql": {**SERVER, "driver": driver}})

        assert (found.url.drivername, found.url.port) == (MYSQL, 3306)
        assert (found.key, found.kind) == ("backendStore.mysql", "mysql")


def test_the_bundled_servers_have_the_host_that_is_handed_in() -> None:
    postgres = tracking("pg", postgresql={"enabled": True, "auth": {"password": "p"}}, backendStore={"postgres": {}})
    mysql = tracking("my", mysql={"enabled": True, "auth": {"username": "me", "database": "runs"}})

    assert rendered(postgres.url) == "postgresql+psycopg2://postgres:p@pg:5432/mlflow"
    assert rendered(mysql.url) == "mysql+pymysqlutf8://me@my:3306/runs"
    assert (postgres.key, mysql.key) == ("postgresql", "mysql")


def test_the_bundled_mysql_belongs_to_root_unless_said_otherwise() -> None:
    assert tracking("my", mysql={"enabled": True}).url.username == "root"


def test_what_is_empty_is_left_to_the_driver() -> None:
    url = tracking(backendStore={"postgres": {"enabled": True, "host": "pg"}}).url

    assert (url.username, url.password, url.database) == (None, None, None)


@pytest.mark.parametrize("section", ["postgres", "mysql"])
def test_any_character_survives_the_environment_and_alembics_file(section: str) -> None:
    url = tracking(backendStore={section: SERVER}).url
    text = rendered(url)
    parser = configparser.ConfigParser()
    parser["alembic"] = {"sqlalchemy.url": text.replace("%", "%%")}  # as MLflow does

    assert make_url(text) == url
    assert make_url(parser["alembic"]["sqlalchemy.url"]) == url
    assert urlparse(text).scheme.split("+")[0] in {"postgresql", "mysql"}
    assert text.isascii()
    assert text.isprintable()


@pytest.mark.parametrize("sections", [{}, {"auth": {"postgres": SERVER}}])
def test_without_authentication_there_are_no_users(sections: dict[str, Any]) -> None:
    assert databases(values(**sections), DATA).auth is None


@pytest.mark.parametrize(
    ("full_path", "file", "expected"),
    [
        ("", "basic_auth.db", "/data/basic_auth.db"),
        ("", "/elsewhere/users.db", "/elsewhere/users.db"),
        ("/volumes/auth", "basic_auth.db", "/volumes/auth/basic_auth.db"),
        ("/volumes/auth/", "basic_auth.db", "/volumes/auth/basic_auth.db"),
        ("/volumes/auth", "/basic_auth.db", "/volumes/auth/basic_auth.db"),
        ("auth", "users.db", "/data/auth/users.db"),
    ],
)
def test_the_file_of_users_gets_its_slash(full_path: str, file: str, expected: str) -> None:
    found = users(auth={"enabled": True, "sqliteFullPath": full_path, "sqliteFile": file})

    assert found.file == Path(expected)
    assert (found.key, found.part) == ("auth.sqliteFile", Part.AUTH)


def test_users_may_be_in_postgres() -> None:
    found = users(auth={"enabled": True, "postgres": {**SERVER, "driver": "psycopg"}})

    assert found.url.drivername == "postgresql+psycopg"
    assert found.key == "auth.postgres"


@pytest.mark.parametrize("postgres", [{"backendStore": {"postgres": SERVER}}, {"postgresql": {"enabled": True}}])
def test_permissions_of_ldap_are_beside_the_runs_in_postgresql(postgres: dict[str, Any]) -> None:
    found = databases(values(ldapAuth=LDAP, **postgres), DATA, "db")

    assert found.auth is not None
    assert found.auth.url == found.tracking.url
    assert found.auth.key == next(iter(postgres)).replace("backendStore", "backendStore.postgres")
    assert [database.part for database in found] == [Part.TRACKING, Part.AUTH]
    assert found.distinct == (found.tracking,)


@pytest.mark.parametrize("other", [{}, {"backendStore": {"mysql": SERVER}}, {"mysql": {"enabled": True}}])
def test_permissions_of_ldap_are_in_a_file_otherwise(other: dict[str, Any]) -> None:
    found = databases(values(ldapAuth=LDAP, **other), DATA)

    assert found.auth == Database(Part.AUTH, sqlite_url(DATA / "basic_auth.db"), "auth.sqliteFile")
    assert found.distinct == (found.tracking, found.auth)


def test_a_driver_that_is_not_installed_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    found = tracking(backendStore={"mysql": SERVER})
    found.require_driver()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(MissingExtraError, match=r"^backendStore\.mysql needs .* pip install .* 'pymysql>=1.1'$"):
        found.require_driver()


def test_a_sentence_names_the_key_and_no_password() -> None:
    found = tracking(backendStore={"postgres": {"enabled": True, "host": "pg", "user": "me", "password": "s3cret"}})

    assert found.named == "backendStore.postgres (postgresql+psycopg2://me:***@pg:5432/)"
    assert "s3cret" not in repr(found)
    assert "s3cret" in found.served_url


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
@pytest.mark.parametrize(
    ("host", "options", "told"),
    [
        ("/cloudsql/project:region:instance", {"host": "/cloudsql/project:region:instance", "port": 5432}, None),
        ("pg-1,pg-2", {"host": "pg-1,pg-2", "port": 5432}, "pg-1,pg-2:5432"),
        ("2001:db8::1", {"host": "2001:db8::1", "port": 5432}, None),
    ],
)
def test_a_socket_and_several_servers_reach_the_driver_whole(
    driver: str, host: str, options: dict[str, object], told: str | None
) -> None:
    database = tracking(backendStore={"postgres": {**SERVER, "host": host, "driver": driver, "password": "p"}})

    again = make_url(database.served_url).difference_update_query(["plugin"])  # as MLflow reads it
    _, found = again.get_dialect()().create_connect_args(again)
    assert {name: found[name] for name in options} == options
    assert server_host(database.url) == host
    if told:
        assert listens_at(database.url) == told


def test_a_socket_is_told_as_a_file() -> None:
    found = tracking(backendStore={"postgres": {**SERVER, "host": "/run/pg", "user": "me"}})

    assert listens_at(found.url) == "/run/pg/.s.PGSQL.5432"
    assert found.shown.startswith("postgresql+psycopg2://me:***@/run/pg:5432/")
