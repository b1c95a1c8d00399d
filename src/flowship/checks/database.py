"""Tries a database for `flowship check --live`: reached, over TLS or not, with which rights, at which revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.database import character_set, rights
from flowship.database.cause import explain
from flowship.database.engine import open_engine
from flowship.database.revision import Part, Standing, State, read_state
from flowship.database.url import is_sqlite, shown, sqlite_file
from flowship.database.wait import attempt
from flowship.errors import MigrationError

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine


def outcome(url: URL, key: str, part: Part) -> tuple[bool, str]:
    """Whether MLflow can keep its data there, and a sentence about it. Changes nothing that stays."""
    place = f"{key}: {shown(url)}"
    if is_sqlite(url) and not sqlite_file(url).exists():
        return True, f"{place} will be made by flowship up"
    if not is_sqlite(url) and (cause := attempt(url, key)):
        return False, f"{place}: {cause.sentence}."
    try:
        engine = open_engine(url)
        state = read_state(engine, part)
        if state.standing in (Standing.NEWER, Standing.FOREIGN):
            return False, f"{place} {_schema(state)}"
        denied = _denied(engine)
        if denied and state.standing is not Standing.CURRENT:
            return False, f"{key}: {denied}"
        if engine.dialect.name == "mysql" and (complaint := character_set.complaint(engine)):
            return False, f"{place}: {complaint}"
        may = "may not be changed by this user" if denied else "may be changed"
        return True, f"{place} answers {_encryption(engine)}; its schema {may}; it {_schema(state)}"
    except Exception as error:  # a driver's error is the answer
        return False, f"{place}: {explain(error, url, key).sentence}."


def _denied(engine: Engine) -> MigrationError | None:
    """Why the schema may not be changed, found on a table that does not stay."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    try:
        rights.probe(engine)
        if engine.dialect.name == "postgresql":
            with engine.connect() as connection:  # rolled back when it closes
                connection.execute(text(f"CREATE TABLE {rights.PROBE} (id INTEGER)"))
    except MigrationError as error:
        return error
    except DBAPIError as error:
        if not rights.is_denied(error):
            raise
        return rights.denied(engine.url, error)
    return None


def _schema(state: State) -> str:
    said = {
        Standing.EMPTY: "is empty, so its tables will be made",
        Standing.CURRENT: f"is at this MLflow's revision {state.head}",
        Standing.OLDER: f"is at revision {state.revision or 'none'}, which flowship migrate brings to {state.head}",
        Standing.NEWER: f"is at revision {state.revision}, which this MLflow does not know: use a newer one",
        Standing.FOREIGN: f"holds tables that are not MLflow's ({', '.join(state.strangers[:5])}): use another one",
    }
    return said[state.standing]


def _encryption(engine: Engine) -> str:
    from sqlalchemy import text

    queries = {
        "postgresql": "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        "mysql": "SHOW SESSION STATUS LIKE 'Ssl_version'",
    }
    if (query := queries.get(engine.dialect.name)) is None:
        return "as a file"
    with engine.connect() as connection:
        row = connection.execute(text(query)).first()
    return f"over {row[-1]}" if row and row[-1] else "without TLS"
