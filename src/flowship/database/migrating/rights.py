"""The rights that a migration needs, and what an administrator must run once when they are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.database.driver_errors import number_of, state_of
from flowship.errors import MigrationError

if TYPE_CHECKING:
    from flowship.database.database import Database

PROBE = "flowship_probe"

INSUFFICIENT_PRIVILEGE = "42501"
"""PostgreSQL's SQLSTATE for a missing right, or for changing a table that another role owns."""

# MySQL: access denied for the database, table, column, routine or operation, and triggers with the binary log on.
MYSQL_DENIED = frozenset({1044, 1142, 1143, 1227, 1370, 1419})
MYSQL_TRIGGER_NEEDS_SUPER = 1419


def is_denied(error: BaseException) -> bool:
    """Tell whether an error of SQLAlchemy or of a driver is about a missing right."""
    original = getattr(error, "orig", None) or error
    return state_of(original) == INSUFFICIENT_PRIVILEGE or number_of(original) in MYSQL_DENIED


def denied(database: Database, error: BaseException) -> MigrationError:
    """Make the error for a missing right, with what an administrator must run once."""
    original = getattr(error, "orig", None) or error
    said = " ".join(str(original.args[-1] if original.args else original).split())
    return MigrationError(
        f'The user "{database.url.username or ""}" may not change the schema of {database.shown}; the server says:'
        f" {said}. {_remedy(database, original)} Or let an administrator run `flowship migrate` once, with a"
        " user who may."
    )


def probe(database: Database) -> None:
    """Try what a migration does, on a table that is removed again.

    Only MySQL needs it: a migration that fails halfway cannot be undone there, so a missing right must show before
    the first change. Raises MigrationError.
    """
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    if database.kind != "mysql":
        return
    statements = (
        f"DROP TABLE IF EXISTS {PROBE}",
        f"CREATE TABLE {PROBE} (id INTEGER PRIMARY KEY, parent INTEGER)",
        f"ALTER TABLE {PROBE} ADD COLUMN name VARCHAR(8)",
        f"CREATE INDEX {PROBE}_name ON {PROBE} (name)",
        f"ALTER TABLE {PROBE} ADD CONSTRAINT {PROBE}_parent FOREIGN KEY (parent) REFERENCES {PROBE} (id)",
        # MLflow's registry of secrets guards its rows by triggers.
        f"CREATE TRIGGER {PROBE}_trigger BEFORE UPDATE ON {PROBE} FOR EACH ROW SET NEW.name = OLD.name",  # noqa: S608 - our own name
        f"DROP TABLE {PROBE}",
    )
    with database.engine().connect() as connection:
        for statement in statements:
            try:
                connection.execute(text(statement))
            except DBAPIError as error:
                if is_denied(error):
                    raise denied(database, error) from error
                raise


def _remedy(database: Database, error: BaseException) -> str:
    url = database.url
    if database.is_file:
        return f"Make {database.file} writable for this user."
    if database.kind == "postgresql":
        user = _quoted(url.username, '"')
        return (
            f"As an administrator, run once: GRANT USAGE, CREATE ON SCHEMA public TO {user}; and, if the tables belong"
            f" to another role, make {user} a member of it."
        )
    if number_of(error) == MYSQL_TRIGGER_NEEDS_SUPER:
        return "As an administrator, run once: SET GLOBAL log_bin_trust_function_creators = 1;"
    pattern = (url.database or "").replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
    user = "'" + (url.username or "").replace("\\", "\\\\").replace("'", "''") + "'"
    return f"As an administrator, run once: GRANT ALL ON {_quoted(pattern, '`')}.* TO {user}@'%';"


def _quoted(name: str | None, mark: str) -> str:
    return mark + (name or "").replace(mark, mark * 2) + mark
