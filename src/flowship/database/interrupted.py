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

from flowship.database import settings_table
from flowship.database.revision import Part, Standing, State
from flowship.errors import MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

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
class Note:
    """A migration that was begun."""

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


def note_down(engine: Engine, state: State) -> None:
    """Note that a migration begins. Raises DatabaseError when the note cannot be kept."""
    from sqlalchemy import inspect

    settings_table.create(engine)
    note = Note(
        since=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        before=None if state.standing is Standing.EMPTY else state.revision,
        after=state.head,
        schema=schema_digest(engine),
        tables=sorted(inspect(engine).get_table_names()),
    )
    settings_table.put(engine, _name(state.part), json.dumps(asdict(note)))


def is_noted(engine: Engine, part: Part) -> bool:
    """Whether a migration runs, or was cut short."""
    return settings_table.get(engine, _name(part)) is not None


def strike_out(engine: Engine, part: Part) -> None:
    """Forget the note: the migration is done."""
    settings_table.forget(engine, _name(part))


def settle(engine: Engine, state: State, key: str, report: Callable[[str], None]) -> None:
    """Deal with a migration that was cut short, if there was one.

    It is done with when its end was reached, when the schema is still, or again, the one from before, and when the
    database was empty before: then what was made is removed. Raises MigrationError when only a backup can help.
    """
    kept = settings_table.get(engine, _name(state.part))
    if kept is None:
        return
    note = Note(**json.loads(kept))
    if state.standing is Standing.CURRENT or schema_digest(engine) == note.schema:
        strike_out(engine, state.part)
        return
    if note.before is None and not state.used:
        report(f"an initialisation of the {state.part.value} database was interrupted ({note.since}); starting it anew")
        _remove_tables_since(engine, note)
        strike_out(engine, state.part)
        return
    raise MigrationError(
        f"The migration of {key}, database {engine.url.database}, from revision {note.before or 'none'} to"
        f" {note.after}, begun at {note.since}, was interrupted at revision {state.revision or 'none'}, and MySQL"
        " cannot undo half a migration. Restore the backup of this database from before that time, whole, then run"
        " `flowship migrate` again."
    )


def schema_digest(engine: Engine) -> str:
    """A digest of the schema of a MySQL database, without Flowship's own table."""
    from sqlalchemy import text

    digest = hashlib.sha256()
    with engine.connect() as connection:
        for query in SCHEMA_QUERIES:
            for row in connection.execute(text(query)):
                if row[0] != settings_table.NAME:
                    digest.update(repr(tuple(row)).encode() + b"\n")
    return digest.hexdigest()


def _remove_tables_since(engine: Engine, note: Note) -> None:
    from sqlalchemy import inspect, text

    quote = engine.dialect.identifier_preparer.quote
    stay = {*note.tables, settings_table.NAME}
    with engine.connect() as connection:
        connection.execute(text("SET SESSION foreign_key_checks = 0"))
        for table in inspect(engine).get_table_names():
            if table not in stay:
                connection.execute(text(f"DROP TABLE {quote(table)}"))


def _name(part: Part) -> str:
    return f"migration.{part.value}"
