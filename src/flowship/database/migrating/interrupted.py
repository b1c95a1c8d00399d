"""What tells a migration that was cut short from one that was not, where the database itself cannot undo it.

PostgreSQL and SQLite undo a migration that dies. MySQL commits each statement that changes the schema, so a note is
kept beside the data while a migration runs: from which revision, to which, and what the schema looked like before.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flowship.database.migrating.revision import Standing
from flowship.database.own_tables import settings_table
from flowship.errors import MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.database.database import Database
    from flowship.database.migrating.revision import State
    from flowship.database.part import Part

# All that a migration may change, but not what only counts rows; CHECK constraints have no view that MySQL and MariaDB
# share.
SCHEMA_QUERIES = (
    "SELECT table_name, column_name, column_type, is_nullable, column_default, extra, ordinal_position"
    " FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position",
    "SELECT table_name, index_name, column_name, seq_in_index, non_unique, sub_part"
    " FROM information_schema.statistics WHERE table_schema = DATABASE()"
    " ORDER BY table_name, index_name, seq_in_index",
    "SELECT table_name, constraint_name, constraint_type FROM information_schema.table_constraints"
    " WHERE table_schema = DATABASE() ORDER BY table_name, constraint_name, constraint_type",
    "SELECT event_object_table, trigger_name, action_statement FROM information_schema.triggers"
    " WHERE trigger_schema = DATABASE() ORDER BY event_object_table, trigger_name",
)


@dataclass(frozen=True)
class BegunMigration:
    """A migration that was begun, as it is kept beside the data."""

    since: str
    """When, in UTC."""
    before: str | None
    """The revision that it began at; None for an empty database."""
    after: str
    """The revision that it was to reach."""
    schema: str
    """Digest of the schema before."""
    tables: list[str]
    """The tables before."""


def remember_begun(database: Database, state: State) -> None:
    """Keep a note beside the data that a migration begins. Raises DatabaseError when that cannot be kept."""
    from sqlalchemy import inspect

    engine = database.engine()
    settings_table.create(engine)
    begun = BegunMigration(
        since=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        before=None if state.standing is Standing.EMPTY else state.revision,
        after=state.head,
        schema=schema_digest(engine),
        tables=sorted(inspect(engine).get_table_names()),
    )
    settings_table.put(engine, _name(state.part), json.dumps(asdict(begun)))


def is_begun(database: Database) -> bool:
    """Tell whether a migration of this database runs, or was cut short."""
    return settings_table.get(database.engine(), _name(database.part)) is not None


def forget_begun(database: Database) -> None:
    """Forget a migration that was begun, because it is done."""
    settings_table.forget(database.engine(), _name(database.part))


def clean_up(database: Database, state: State, report: Callable[[str], None]) -> None:
    """Clear away what a migration that was cut short has left, if there was one.

    Nothing is in the way when its end was reached, and when the schema is still, or again, the one from before. When
    the database was empty before, what was made is removed. Raises MigrationError when only a backup can help.
    """
    engine = database.engine()
    kept = settings_table.get(engine, _name(database.part))
    if kept is None:
        return
    begun = BegunMigration(**json.loads(kept))
    if state.standing is Standing.CURRENT or schema_digest(engine) == begun.schema:
        forget_begun(database)
        return
    if begun.before is None and not state.used:
        report(f"an initialisation of the {database.part} database was interrupted ({begun.since}); starting it anew")
        _remove_tables_since(engine, begun)
        forget_begun(database)
        return
    raise MigrationError(
        f"The migration of {database.key}, database {database.url.database}, from revision {begun.before or 'none'} to"
        f" {begun.after}, begun at {begun.since}, was interrupted at revision {state.revision or 'none'}, and MySQL"
        " cannot undo half a migration. Restore the backup of this database from before that time, whole, then run"
        " `flowship migrate` again."
    )


def schema_digest(engine: Engine) -> str:
    """Make a digest of the schema of a MySQL database, without Flowship's own table."""
    from sqlalchemy import text

    digest = hashlib.sha256()
    with engine.connect() as connection:
        for query in SCHEMA_QUERIES:
            for row in connection.execute(text(query)):
                if row[0] != settings_table.NAME:
                    digest.update(repr(tuple(row)).encode() + b"\n")
    return digest.hexdigest()


def _remove_tables_since(engine: Engine, begun: BegunMigration) -> None:
    from sqlalchemy import inspect, text

    quote = engine.dialect.identifier_preparer.quote
    stay = {*begun.tables, settings_table.NAME}
    with engine.connect() as connection:
        connection.execute(text("SET SESSION foreign_key_checks = 0"))
        for table in inspect(engine).get_table_names():
            if table not in stay:
                connection.execute(text(f"DROP TABLE {quote(table)}"))


def _name(part: Part) -> str:
    return f"migration.{part}"
