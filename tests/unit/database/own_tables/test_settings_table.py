from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect

from flowship.database.engine import open_engine
from flowship.database.own_tables import settings_table
from flowship.database.url import sqlite_url
from flowship.errors import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(sqlite_url(tmp_path / "mlflow.db"))


def test_nothing_is_kept_where_the_table_is_missing(engine: Engine) -> None:
    assert settings_table.get(engine, "key") is None
    settings_table.forget(engine, "key")

    assert inspect(engine).get_table_names() == []


def test_what_is_kept_is_made_once(engine: Engine) -> None:
    numbers = count()

    assert settings_table.keep(engine, "key", lambda: str(next(numbers))) == "0"
    assert settings_table.keep(engine, "key", lambda: str(next(numbers))) == "0"
    assert settings_table.keep(engine, "other", lambda: str(next(numbers))) == "1"


def test_all_who_ask_at_once_get_the_same(engine: Engine) -> None:
    numbers = count()
    with ThreadPoolExecutor(8) as threads:
        values = set(threads.map(lambda _: settings_table.keep(engine, "key", lambda: str(next(numbers))), range(32)))

    assert len(values) == 1


def test_the_last_one_put_stays(engine: Engine) -> None:
    for value in ("one", "two", "two", "é 密 😀"):
        settings_table.put(engine, "key", value)
        assert settings_table.get(engine, "key") == value

    settings_table.forget(engine, "key")
    assert settings_table.get(engine, "key") is None


def test_a_table_that_cannot_be_made_asks_for_the_key(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").touch()
    url = sqlite_url(tmp_path / "mlflow.db")
    engine = open_engine(
        url.set(database=f"file:{tmp_path}/mlflow.db").update_query_dict({"mode": "ro", "uri": "true"})
    )

    with pytest.raises(DatabaseError, match=r"may not make the table flowship_settings .* or set flaskServerSecretKey"):
        settings_table.keep(engine, "key", lambda: "value")
