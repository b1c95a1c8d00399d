"""Tries a database for `flowship check --live`: reached, over TLS or not, with which rights, at which revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.check import Check
from flowship.database.connection_errors import explain
from flowship.database.migrating import character_set, rights
from flowship.database.migrating.revision import Standing, State, read_state
from flowship.database.wait import attempt
from flowship.errors import MigrationError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from flowship.database.database import Database


def outcome(database: Database) -> Check:
    """Tell whether MLflow can keep its data in this database, and say it in a sentence. Changes nothing that stays."""
    named = f"{database.key}: {database.shown}"
    if database.is_file and not database.file.exists():
        return Check(True, f"{named} will be made by flowship up")
    if not database.is_file and (cause := attempt(database)):
        return Check(False, f"{named}: {cause.sentence}.")
    try:
        engine = database.engine()
        state = read_state(engine, database.part)
        if state.standing in (Standing.NEWER, Standing.FOREIGN):
            return Check(False, f"{named} {_schema(state)}")
        denied = _denied(database)
        if denied and state.standing is not Standing.CURRENT:
            return Check(False, f"{database.key}: {denied}")
        if database.kind == "mysql" and (complaint := character_set.complaint(engine)):
            return Check(False, f"{named}: {complaint}")
        may = "may not be changed by this user" if denied else "may be changed"
        return Check(True, f"{named} answers {_encryption(engine)}; its schema {may}; it {_schema(state)}")
    except Exception as error:  # a driver's error is the answer
        return Check(False, f"{named}: {explain(error, database).sentence}.")


def _denied(database: Database) -> MigrationError | None:
    """Find out why the schema may not be changed, on a table that does not stay."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    try:
        rights.probe(database)
        if database.kind == "postgresql":
            with database.engine().connect() as connection:  # rolled back when it closes
                connection.execute(text(f"CREATE TABLE {rights.PROBE} (id INTEGER)"))
    except MigrationError as error:
        return error
    except DBAPIError as error:
        if not rights.is_denied(error):
            raise
        return rights.denied(database, error)
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
