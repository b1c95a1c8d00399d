"""URLs with any character in them, and what people see of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from flowship.database.drivers import DRIVERS, MYSQL
from flowship.database.url import shown, sqlite_file, sqlite_url


def rendered(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@pytest.mark.parametrize("character", [chr(code) for code in range(32, 127)])
def test_each_printable_character_may_be_anywhere(character: str) -> None:
    name = f"{character}a{character}b{character}"
    url = URL.create(MYSQL, name, name, "::1", 3306, name)

    assert make_url(rendered(url)) == url


@pytest.mark.parametrize("directory", ["/home/josé/a b", "/100%/x?y#z", "/data/[1]/ü&=+"])
def test_a_data_directory_may_have_any_name(directory: str) -> None:
    url = sqlite_url(Path(directory) / "mlflow.db")

    assert sqlite_file(make_url(rendered(url))) == Path(directory) / "mlflow.db"


def test_people_see_no_password_and_the_dialect_they_know() -> None:
    assert shown(URL.create(MYSQL, "jo é", "secret", "db", 3306, "a b")) == "mysql+pymysql://jo é:***@db:3306/a b"
    assert (
        shown(URL.create("postgresql+psycopg", "jo", None, "::1", 5432, "x")) == "postgresql+psycopg://jo@[::1]:5432/x"
    )
    assert shown(sqlite_url(Path("/data/mlflow.db"))) == "sqlite:////data/mlflow.db"


@pytest.mark.parametrize("dialect", DRIVERS)
def test_every_driver_is_known_to_sqlalchemy(dialect: str) -> None:
    assert URL.create(dialect).get_dialect().driver == dialect.split("+")[1]
