from __future__ import annotations

import configparser
import importlib.util
import string
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from sqlalchemy import URL, make_url

from flowship.database.url import (
    DRIVERS,
    MYSQL,
    auth_key,
    auth_url,
    place,
    require_driver,
    served_url,
    server_host,
    shown,
    sqlite_file,
    sqlite_url,
    tracking_key,
    tracking_url,
)
from flowship.errors import MissingExtraError
from flowship.values.model.root import Values

DATA = Path("/data")
HARD = string.printable + " é ß 密 😀 "
SERVER = {"enabled": True, "host": "db.example.com", "database": HARD, "user": HARD, "password": HARD}


def values(**sections: object) -> Values:
    return Values.model_validate(sections)


def rendered(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def test_without_a_server_runs_are_in_a_file_of_the_data_directory() -> None:
    url = tracking_url(values(), DATA)

    assert rendered(url) == "sqlite+pysqlite:////data/mlflow.db"
    assert tracking_key(values()) == "backendStore"


def test_a_file_does_not_depend_on_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert sqlite_file(tracking_url(values(), Path("here"))) == tmp_path / "here" / "mlflow.db"


@pytest.mark.parametrize(
    ("driver", "dialect"),
    [("", "postgresql+psycopg2"), ("psycopg2", "postgresql+psycopg2"), ("psycopg", "postgresql+psycopg")],
)
def test_postgres_always_has_its_driver(driver: str, dialect: str) -> None:
    some = values(backendStore={"postgres": {**SERVER, "driver": driver}})

    assert tracking_url(some, DATA).drivername == dialect
    assert tracking_key(some) == "backendStore.postgres"


def test_mysql_always_has_the_dialect_that_takes_any_password() -> None:
    for driver in ("", "pymysql"):
        some = values(backendStore={"mysql": {**SERVER, "driver": driver}})
        url = tracking_url(some, DATA)

        assert (url.drivername, url.port) == (MYSQL, 3306)
        assert tracking_key(some) == "backendStore.mysql"


def test_the_bundled_servers_have_the_host_that_is_handed_in() -> None:
    postgres = values(postgresql={"enabled": True, "auth": {"password": "p"}}, backendStore={"postgres": {}})
    mysql = values(mysql={"enabled": True, "auth": {"username": "me", "database": "runs"}})

    assert rendered(tracking_url(postgres, DATA, "pg")) == "postgresql+psycopg2://postgres:p@pg:5432/mlflow"
    assert rendered(tracking_url(mysql, DATA, "my")) == "mysql+pymysqlutf8://me@my:3306/runs"
    assert (tracking_key(postgres), tracking_key(mysql)) == ("postgresql", "mysql")


def test_the_bundled_mysql_belongs_to_root_unless_said_otherwise() -> None:
    assert tracking_url(values(mysql={"enabled": True}), DATA, "my").username == "root"


def test_what_is_empty_is_left_to_the_driver() -> None:
    url = tracking_url(values(backendStore={"postgres": {"enabled": True, "host": "pg"}}), DATA)

    assert (url.username, url.password, url.database) == (None, None, None)


@pytest.mark.parametrize("section", ["postgres", "mysql"])
def test_any_character_survives_the_environment_and_alembics_file(section: str) -> None:
    url = tracking_url(values(backendStore={section: SERVER}), DATA)
    text = rendered(url)
    parser = configparser.ConfigParser()
    parser["alembic"] = {"sqlalchemy.url": text.replace("%", "%%")}  # as MLflow does

    assert make_url(text) == url
    assert make_url(parser["alembic"]["sqlalchemy.url"]) == url
    assert urlparse(text).scheme.split("+")[0] in {"postgresql", "mysql"}
    assert text.isascii()
    assert text.isprintable()


@pytest.mark.parametrize("character", [chr(code) for code in range(32, 127)])
def test_each_printable_character_may_be_anywhere(character: str) -> None:
    name = f"{character}a{character}b{character}"
    url = URL.create(MYSQL, name, name, "::1", 3306, name)

    assert make_url(rendered(url)) == url


@pytest.mark.parametrize("directory", ["/home/josé/a b", "/100%/x?y#z", "/data/[1]/ü&=+"])
def test_a_data_directory_may_have_any_name(directory: str) -> None:
    url = sqlite_url(Path(directory) / "mlflow.db")

    assert sqlite_file(make_url(rendered(url))) == Path(directory) / "mlflow.db"


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
    some = values(auth={"sqliteFullPath": full_path, "sqliteFile": file})

    assert sqlite_file(auth_url(some, DATA)) == Path(expected)
    assert auth_key(some) == "auth.sqliteFile"


def test_users_may_be_in_postgres() -> None:
    some = values(auth={"postgres": {**SERVER, "driver": "psycopg"}})

    assert auth_url(some, DATA).drivername == "postgresql+psycopg"
    assert auth_key(some) == "auth.postgres"


LDAP = {"enabled": True, "uri": "ldap://a"}


@pytest.mark.parametrize("postgres", [{"backendStore": {"postgres": SERVER}}, {"postgresql": {"enabled": True}}])
def test_permissions_of_ldap_are_beside_the_runs_in_postgresql(postgres: dict[str, Any]) -> None:
    some = values(ldapAuth=LDAP, **postgres)

    assert auth_url(some, DATA, "db") == tracking_url(some, DATA, "db")
    assert auth_key(some) == next(iter(postgres)).replace("backendStore", "backendStore.postgres")


@pytest.mark.parametrize("other", [{}, {"backendStore": {"mysql": SERVER}}, {"mysql": {"enabled": True}}])
def test_permissions_of_ldap_are_in_a_file_otherwise(other: dict[str, Any]) -> None:
    some = values(ldapAuth=LDAP, **other)

    assert auth_url(some, DATA) == sqlite_url(DATA / "basic_auth.db")
    assert auth_key(some) == "auth.sqliteFile"


def test_people_see_no_password_and_the_dialect_they_know() -> None:
    assert shown(URL.create(MYSQL, "jo é", "secret", "db", 3306, "a b")) == "mysql+pymysql://jo é:***@db:3306/a b"
    assert (
        shown(URL.create("postgresql+psycopg", "jo", None, "::1", 5432, "x")) == "postgresql+psycopg://jo@[::1]:5432/x"
    )
    assert shown(sqlite_url(Path("/data/mlflow.db"))) == "sqlite:////data/mlflow.db"


@pytest.mark.parametrize("dialect", DRIVERS)
def test_every_driver_is_known_to_sqlalchemy(dialect: str) -> None:
    assert URL.create(dialect).get_dialect().driver == dialect.split("+")[1]


def test_a_driver_that_is_not_installed_is_named_by_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    url = tracking_url(values(backendStore={"mysql": SERVER}), DATA)
    require_driver(url, "backendStore.mysql")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(MissingExtraError, match=r"^backendStore\.mysql needs .* pip install 'flowship\[mysql\]'$"):
        require_driver(url, "backendStore.mysql")


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
    some = values(backendStore={"postgres": {**SERVER, "host": host, "driver": driver, "password": "p"}})
    url = tracking_url(some, DATA)

    again = make_url(served_url(url)).difference_update_query(["plugin"])  # as MLflow reads it
    _, found = again.get_dialect()().create_connect_args(again)
    assert {name: found[name] for name in options} == options
    assert server_host(url) == host
    if told:
        assert place(url) == told


def test_a_socket_is_told_as_a_file() -> None:
    url = tracking_url(values(backendStore={"postgres": {**SERVER, "host": "/run/pg", "user": "me"}}), DATA)
    assert place(url) == "/run/pg/.s.PGSQL.5432"
    assert shown(url).startswith("postgresql+psycopg2://me:***@/run/pg:5432/")
