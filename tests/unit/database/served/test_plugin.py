"""What the plugin adds to MLflow's engines, tried on engines of SQLAlchemy."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    ExceptionContext,
    MetaData,
    NullPool,
    QueuePool,
    String,
    Table,
    create_engine,
    insert,
    make_url,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from flowship.database.served import ServedPlugin, busy, register, rewording
from flowship.database.served.ordered_pool import OrderedPool
from flowship.database.served.turns import Turns
from flowship.database.served.unfit import unfit_value
from flowship.database.url import served_url, sqlite_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

register()

RUNS = Table("runs", MetaData(), Column("name", String(8), primary_key=True), Column("start_time", BigInteger))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return served_url(sqlite_url(tmp_path / "mlflow.db"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    RUNS.create(engine)
    yield engine
    engine.dispose()


def test_the_url_that_mlflow_is_told_names_the_plugin_and_the_engines_own_does_not(url: str, tmp_path: Path) -> None:
    assert url.endswith("/mlflow.db?plugin=flowship")
    assert create_engine(url).url == sqlite_url(tmp_path / "mlflow.db")


def test_requests_wait_in_order_for_as_many_connections_as_mlflow_had(engine: Engine) -> None:
    assert isinstance(engine.pool, OrderedPool)
    assert engine.pool.turns.total == 15


@pytest.mark.parametrize(
    ("options", "total"),
    [({"pool_size": 8}, 18), ({"max_overflow": 2}, 7), ({"pool_size": 20, "max_overflow": 4}, 24)],
)
def test_sizes_of_the_users_own_count(url: str, options: dict[str, Any], total: int) -> None:
    pool = create_engine(url, **options).pool
    assert isinstance(pool, OrderedPool)
    assert pool.turns.total == total


@pytest.mark.parametrize("options", [{"poolclass": NullPool}, {"max_overflow": -1}, {"pool_size": 0}])
def test_a_pool_without_limit_or_of_another_kind_stays_as_the_user_chose_it(url: str, options: dict[str, Any]) -> None:
    pool = create_engine(url, **options).pool
    assert not isinstance(pool, OrderedPool)
    assert isinstance(pool, options.get("poolclass", QueuePool))


def test_all_pools_of_a_process_share_their_places(url: str, tmp_path: Path) -> None:
    other = served_url(sqlite_url(tmp_path / "users.db"))
    one, two = create_engine(url).pool, create_engine(other).pool
    assert isinstance(one, OrderedPool)
    assert isinstance(two, OrderedPool)
    assert one.turns is two.turns


def test_a_pool_that_is_made_anew_keeps_its_places(engine: Engine) -> None:
    before = engine.pool
    engine.dispose()
    assert engine.pool is not before
    assert isinstance(before, OrderedPool)
    assert isinstance(engine.pool, OrderedPool)
    assert engine.pool.turns is before.turns


def test_connections_are_given_back_also_when_they_break_or_leave_the_pool(url: str) -> None:
    pool = create_engine(url, turns=(given := Turns(3)), poolclass=OrderedPool).pool
    connection = pool.connect()
    connection.invalidate()
    connection.close()
    connection = pool.connect()
    connection.detach()
    connection.close()
    assert given._used == 0
    assert not given._held


def test_who_gets_no_connection_in_time_is_told_to_come_again(url: str) -> None:
    engine = create_engine(url, turns=Turns(3, wait=0.01), poolclass=OrderedPool)
    request = busy.Request()
    token = busy.CURRENT.set(request)
    engine.pool.turns._used = 3  # type: ignore[attr-defined]
    try:
        with pytest.raises(OperationalError, match=f"^{rewording.FULL}$"):
            engine.connect()
    finally:
        busy.CURRENT.reset(token)
    assert request.met_busy_database


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_only_psycopg_is_told_to_prepare_nothing(driver: str) -> None:
    options: dict[str, Any] = {}
    ServedPlugin(make_url(f"postgresql+{driver}://u@h/d"), options)
    assert options.get("connect_args") == ({"prepare_threshold": None} if driver == "psycopg" else None)


def test_an_error_keeps_its_class_and_loses_its_sql(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with engine.begin() as connection:
        connection.execute(insert(RUNS), {"name": "one"})
        with pytest.raises(IntegrityError, match=f"^{rewording.CONFLICT}$") as caught:
            connection.execute(insert(RUNS), {"name": "one"})
    assert caught.value.statement is None
    assert "INSERT INTO runs" in caplog.text
    assert "UNIQUE constraint failed" in caplog.text


def test_a_statement_that_is_wrong_is_not_shown(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(OperationalError) as caught:
        connection.execute(text("SELECT secret FROM nowhere"))
    assert str(caught.value) in {rewording.UNFINISHED, rewording.REFUSED}


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"name": "a", "start_time": 2**64}, "start_time is a number of more than 64 bits"),
        ({"name": "\ud800", "start_time": 0}, "name holds half a character (a lone surrogate)"),
    ],
)
def test_a_value_that_python_cannot_hand_over_is_named(engine: Engine, row: dict[str, Any], sentence: str) -> None:
    with engine.begin() as connection, pytest.raises(DataError) as caught:
        connection.execute(insert(RUNS), row)
    assert str(caught.value) == f"{rewording.UNKEPT}: {sentence}."


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("x" * 9, "name has 9 characters, and at most 8 fit"),
        ("a\0b", "name holds the character NUL (U+0000)"),
        ("x" * 8, None),
    ],
)
def test_the_first_value_that_does_not_fit_its_column_is_named(value: str, said: str | None) -> None:
    assert unfit_value(_execution([{"name": "fits"}, {"name": value}])) == said


def test_nothing_is_said_of_what_is_no_statement_of_sqlalchemys_own() -> None:
    assert unfit_value(None) is None
    assert unfit_value(_execution([])) is None


@pytest.mark.parametrize(
    ("original", "sentence", "kept"),
    [
        ((1040, "Too many connections"), rewording.FULL, OperationalError),
        ((2006, "MySQL server has gone away"), rewording.AWAY, OperationalError),
        ((1213, "Deadlock found when trying to get lock"), rewording.UNFINISHED, OperationalError),
        (
            (1366, "Incorrect string value: '\\xC3\\xA4' for column `a`.`runs`.`name` at row 1"),
            f"{rewording.UNKEPT}: Incorrect string value: '\\xC3\\xA4' for column `a`.`runs`.`name` at row 1.",
            DataError,
        ),
    ],
)
def test_mysqls_numbers(original: tuple[int, str], sentence: str, kept: type[Exception]) -> None:
    import pymysql

    error = pymysql.err.OperationalError(*original)
    context = _Context(OperationalError("SELECT 1", {}, error), error, make_url("mysql+pymysql://h/d").get_dialect()())
    given = rewording.reword(context) or context.sqlalchemy_exception
    assert (str(given), type(given)) == (sentence, kept)


class _Context(ExceptionContext):
    """What SQLAlchemy tells of an error."""

    def __init__(self, error: OperationalError, original: BaseException, dialect: Any) -> None:
        self.sqlalchemy_exception = error
        self.original_exception = original
        self.dialect = dialect
        self.statement = "SELECT 1"
        self.execution_context = None
        self.connection = object()  # type: ignore[assignment]
        self.is_disconnect = False


def _execution(rows: list[dict[str, Any]]) -> Any:
    class Execution:
        compiled = insert(RUNS).values(name="").compile()
        compiled_parameters = rows

    return Execution()


class ComplaintError(Exception):
    """A driver's error, with a state of PostgreSQL's."""

    sqlstate: str | None = None


class TooComplexError(ComplaintError):
    sqlstate = "54001"


@pytest.mark.parametrize(
    "original",
    [
        TooComplexError("stack depth limit exceeded"),
        ComplaintError(1116, "Too many tables; MySQL can only use 61 tables in a join"),
        ComplaintError(1390, "Prepared statement contains too many placeholders"),
        ComplaintError("at most 64 tables in a join"),
        ComplaintError("sending query failed: number of parameters must be between 0 and 65535"),
    ],
)
def test_a_statement_beyond_a_limit_is_known_by_each_driver(original: Exception) -> None:
    assert rewording._is_too_complex(original)


def test_what_passes_by_itself_is_not_beyond_a_limit() -> None:
    for original in (
        ComplaintError("database is locked"),
        ComplaintError(1205, "Lock wait timeout exceeded"),
        ComplaintError(),
    ):
        assert not rewording._is_too_complex(original)


@pytest.mark.parametrize(
    "statement",
    [", ".join(["SELECT 1 FROM runs", *(f"runs r{number}" for number in range(65))]), "SELECT 1" + "+1" * 2000],
)
def test_a_statement_beyond_a_limit_is_the_requests_fault(engine: Engine, statement: str) -> None:
    request = busy.Request()
    token = busy.CURRENT.set(request)
    try:
        with engine.connect() as connection, pytest.raises(DataError) as raised:
            connection.execute(text(statement))
    finally:
        busy.CURRENT.reset(token)

    assert str(raised.value) == rewording.COMPLEX
    assert not request.met_busy_database
