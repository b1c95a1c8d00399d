from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError

from flowship.database.served.connections import Connections
from flowship.database.served.ordered_pool import OrderedPool, as_they_are

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine


class TriedError(Exception):
    """Somebody has asked whether a connection works."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine as MLflow makes it, whose connections all fail when they are tried."""
    engine = create_engine(f"sqlite:///{tmp_path / 'file.db'}", poolclass=OrderedPool, pool_pre_ping=True)
    engine.connect().close()

    def ping(connection: object) -> bool:
        raise TriedError

    dialect: Any = engine.dialect
    dialect.do_ping = ping
    yield engine
    engine.dispose()


def test_only_who_has_another_way_takes_connections_untried(engine: Engine) -> None:
    with as_they_are(), engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    with pytest.raises(TriedError):
        engine.connect()


def test_reading_and_writing_try_no_connection(engine: Engine) -> None:
    connections = Connections(engine)

    with connections.writing() as connection:
        connection.execute(text("CREATE TABLE t AS SELECT 7 AS n"))
    with connections.reading() as connection:
        assert connection.execute(text("SELECT n FROM t")).scalar() == 7


def test_what_fails_is_not_written(engine: Engine) -> None:
    connections = Connections(engine)
    with connections.writing() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))

    def fail() -> None:
        with connections.writing() as connection:
            connection.execute(text("INSERT INTO t VALUES (1)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with connections.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar() == 0


class Driver:
    """Stands for a driver's connection to PostgreSQL, of which there is no server here."""

    def __init__(self) -> None:
        self.autocommit = False
        self.was: list[bool] = []
        self.closed = False

    def rollback(self) -> None:
        self.was.append(self.autocommit)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def postgres() -> tuple[Connections, list[Driver]]:
    opened: list[Driver] = []

    def connect() -> Driver:
        opened.append(Driver())
        return opened[-1]

    engine = create_engine("postgresql+psycopg2://", creator=connect, poolclass=OrderedPool, _initialize=False)
    return Connections(engine), opened


def test_postgresql_is_read_without_a_transaction_and_the_connection_goes_back_as_it_came(
    postgres: tuple[Connections, list[Driver]],
) -> None:
    connections, opened = postgres

    for _ in range(2):
        with connections.reading() as connection:
            driver: Any = connection.connection.dbapi_connection
            assert driver is opened[0]
            assert opened[0].autocommit
        assert not opened[0].autocommit
    assert len(opened) == 1


def test_a_connection_that_fails_is_not_used_again(postgres: tuple[Connections, list[Driver]]) -> None:
    connections, opened = postgres

    with pytest.raises(ZeroDivisionError), connections.reading():
        raise ZeroDivisionError
    with connections.reading():
        pass

    assert [driver.closed for driver in opened] == [True, False]


def test_a_connection_on_which_sqlalchemy_saw_an_error_goes_back_as_it_came(
    postgres: tuple[Connections, list[Driver]],
) -> None:
    connections, opened = postgres

    with pytest.raises(DataError), connections.without_transaction():
        raise DataError(None, None, ValueError())
    with connections.reading():
        assert opened[0].autocommit

    assert (len(opened), opened[0].closed, opened[0].autocommit) == (1, False, False)
