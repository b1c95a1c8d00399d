"""The character set of a MySQL or MariaDB database: in any but utf8mb4, names and spans in other letters are lost.

A server refuses a letter that a column has no place for or, with a lax `sql_mode`, keeps a question mark. A table takes
the database's character set when it is made, and columns that refer to each other must have the same one: so an empty
database is changed before its first table, and one with tables only by its administrator, all at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowship.database.migrating.rights import denied, is_denied

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

    from flowship.database.database import Database

WANTED = "utf8mb4"
"""The one that holds every letter; MySQL's `utf8` holds those of three bytes, and no emoji."""


class CharacterSet(NamedTuple):
    """A character set and the collation by which it is compared and sorted."""

    name: str
    collation: str


def of_database(engine: Engine) -> CharacterSet:
    """Read the character set that new tables of a database get."""
    from sqlalchemy import text

    with engine.connect() as connection:
        row = connection.execute(text("SELECT @@character_set_database, @@collation_database")).one()
    return CharacterSet(*map(str, row))


def narrow_tables(engine: Engine) -> dict[str, CharacterSet]:
    """Find the tables with a column of text that does not hold every letter, and its character set."""
    from sqlalchemy import text

    statement = text(
        "SELECT c.TABLE_NAME, c.CHARACTER_SET_NAME, c.COLLATION_NAME FROM information_schema.COLUMNS c"
        " JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME"
        " WHERE c.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE'"
        " AND c.DATA_TYPE IN ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum')"
        " AND c.CHARACTER_SET_NAME <> :wanted AND c.COLLATION_NAME NOT LIKE 'utf8mb4%'"
        " ORDER BY c.TABLE_NAME"
    )
    with engine.connect() as connection:
        rows = connection.execute(statement, {"wanted": WANTED}).all()
    return {str(table): CharacterSet(str(name), str(collation)) for table, name, collation in rows}


def widen_empty(database: Database) -> bool:
    """Let the tables of an empty database be made in utf8mb4; tells whether that took a change. One that was begun in
    another character set, and interrupted, is gone on with in that.

    Raises:
        MigrationError: this user may not, with what an administrator must run.
    """
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    engine = database.engine()
    if of_database(engine).name == WANTED or narrow_tables(engine):
        return False
    try:
        with engine.begin() as connection:
            connection.execute(text(_widening(engine)))
    except DBAPIError as error:
        if is_denied(error):
            raise denied(database, error) from error
        raise
    return True


def complaint(engine: Engine) -> str | None:
    """Tell what is wrong with the tables that are there, with the commands that mend it; None when nothing is."""
    tables = narrow_tables(engine)
    if not tables:
        return None
    names = ", ".join(sorted({found.name for found in tables.values()}))
    collations = ", ".join(sorted({found.collation for found in tables.values()}))
    return (
        f"{len(tables)} of its tables are in the character set {names} (collation {collations}), in which names and"
        " traces in other letters cannot be kept. Stop MLflow, and copy it into a new database, whose name you then"
        f" write in the values: CREATE DATABASE mlflow_utf8mb4 CHARACTER SET {WANTED}; mariadb-dump"
        f" --default-character-set={WANTED} {engine.url.database} | sed '{widening_script(tables.values())}' | mariadb"
        f" --default-character-set={WANTED} mlflow_utf8mb4 (with MySQL: mysqldump and mysql)"
    )


def widening_script(found: Iterable[CharacterSet]) -> str:
    """Write what sed does to a dump. Not by ALTER TABLE: MariaDB lets no column change that a foreign key refers to."""
    steps = [
        f"s/ COLLATE[ =]{name}_[a-z0-9_]*//g; s/\\(CHARSET=\\|CHARACTER SET \\){name}\\b/\\1{WANTED}/g"
        for name in sorted({each.name for each in found})
    ]
    return f"/^\\() \\|  `\\)/{{{'; '.join(steps)}}}"  # ends of tables and their columns, but no rows


def _widening(engine: Engine) -> str:
    return f"ALTER DATABASE {_quoted(engine, engine.url.database or '')} CHARACTER SET {WANTED}"


def _quoted(engine: Engine, name: str) -> str:
    return engine.dialect.identifier_preparer.quote_identifier(name)
