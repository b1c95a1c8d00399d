"""Brings the tracking and the auth database to this MLflow's schema: forward only, once, under a lock."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.database import character_set, interrupted, permissions, restoring, rights, sqlite
from flowship.database.engine import SQLITE_BUSY, open_engine
from flowship.database.lock import locked
from flowship.database.revision import Part, Standing, State, read_state
from flowship.database.url import is_sqlite, shown, sqlite_file
from flowship.database.wait import TIMEOUT, default_key, wait
from flowship.errors import DatabaseError, FlowshipError, MigrationError
from flowship.mlflow_seams import schema as mlflow_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import URL, ColumnClause, Engine

COMMAND = "flowship migrate -f FILE"


@dataclass(frozen=True)
class Target:
    """One part of MLflow in its database."""

    part: Part
    url: URL
    key: str
    """The section of the values that names the database."""


def migrate(
    tracking: URL,
    auth: URL | None = None,
    *,
    upgrade: bool,
    report: Callable[[str], None],
    tracking_key: str | None = None,
    auth_key: str = "auth.postgres",
    timeout: float = TIMEOUT,
    wal: bool = True,
    command: str = COMMAND,
    before_upgrade: Callable[[], None] | None = None,
) -> None:
    """Bring both databases to this MLflow's schema; they may be one.

    An empty database is initialised, an older one upgraded if `upgrade`, else refused with the `command` that does it;
    a current one is left alone; one that is newer, or that holds something else, is refused, and then neither is
    touched. `before_upgrade` is called before an older database of a server is changed, and may take its time.
    `timeout` is for each database to answer, in seconds. `wal` is about SQLite's journal, see
    `sqlite.set_journal`. Raises DatabaseError when a database does not answer, MigrationError when it is refused or
    the migration fails.
    """
    targets = [Target(Part.TRACKING, tracking, tracking_key or _tracking_key(tracking))]
    if auth is not None:
        # Second: where the two share a database, the auth scripts read tracking tables, in their newest form.
        targets.append(Target(Part.AUTH, auth, auth_key if not is_sqlite(auth) else "auth.sqliteFile"))
    for target in targets:
        wait(target.url, timeout=timeout, report=report, key=target.key)
        with _explained(target):
            restoring.refuse_unfinished(target.url, target.key)
        if is_sqlite(target.url):
            sqlite.prepare(sqlite_file(target.url))
    for target in targets:
        _refuse(target, _state(target), upgrade=upgrade, command=command)
    for target in targets:
        _migrate_one(target, tracking, before_upgrade, upgrade=upgrade, report=report, wal=wal, command=command)


def _migrate_one(
    target: Target,
    tracking: URL,
    before_upgrade: Callable[[], None] | None,
    *,
    upgrade: bool,
    report: Callable[[str], None],
    wal: bool,
    command: str,
) -> None:
    url = target.url
    with _explained(target), locked(url, report=report), _transactional_sqlite(url):
        if is_sqlite(url):
            sqlite.set_journal(sqlite_file(url), wal=wal)
        restoring.refuse_unfinished(url, target.key)  # one may have begun while we waited
        engine = open_engine(url)
        if url.get_backend_name() == "mysql":
            interrupted.settle(engine, read_state(engine, target.part), target.key, report)
        state = read_state(engine, target.part)  # again: somebody else may have migrated while we waited
        _refuse(target, state, upgrade=upgrade, command=command)
        if url.get_backend_name() == "mysql" and (complaint := character_set.complaint(engine)):
            report(f"{shown(url)}: {complaint}")
        if state.standing is Standing.CURRENT:
            return
        _change(engine, state, tracking, before_upgrade, report)
        after = read_state(engine, target.part)
        if after.standing is not Standing.CURRENT:
            raise MigrationError(
                f"{shown(url)} is at revision {after.revision or 'none'} after its migration to {after.head}."
            )
    report(f"MLflow's {state.part.value} tables in {shown(url)} are at revision {state.head} now")


def _no_way_back(state: State, url: URL) -> str:
    """What it means to have no backup from before."""
    return (
        f"there is no way back from revision {state.head} to {state.revision or 'none'}: an older MLflow cannot use"
        f" {shown(url)} any more, unless you restore a backup from before this moment. To have one taken before each"
        " migration, set backup.enabled on Kubernetes, and run `flowship backup -f FILE` yourself elsewhere"
    )


def _change(
    engine: Engine,
    state: State,
    tracking: URL,
    before_upgrade: Callable[[], None] | None,
    report: Callable[[str], None],
) -> None:
    url = engine.url
    if state.standing is Standing.EMPTY:
        report(f"making MLflow's {state.part.value} tables in {shown(url)}")
    else:
        report(f"migrating {shown(url)} from revision {state.revision or 'none'} to {state.head}")
        if is_sqlite(url):
            kept = sqlite.keep_copy(sqlite_file(url), state.revision or "none")
            report(f"a copy of it, as it was, is in {kept}")
        elif state.used and before_upgrade is not None:
            before_upgrade()
        elif state.used:
            report(_no_way_back(state, url))
    rights.probe(engine)
    if url.get_backend_name() == "mysql" and state.standing is Standing.EMPTY and character_set.widen_empty(engine):
        report(f"the tables of {shown(url)} will be in {character_set.WANTED}, which holds every letter")
    noted = url.get_backend_name() == "mysql"
    if noted:
        interrupted.note_down(engine, state)
    _apply(engine, state, tracking, report)
    if noted:
        interrupted.strike_out(engine, state.part)


def _apply(engine: Engine, state: State, tracking: URL, report: Callable[[str], None]) -> None:
    if state.part is Part.AUTH:
        if state.standing is Standing.OLDER and permissions.are_at_stake(state.revision):
            mlflow_schema.upgrade_auth(engine, mlflow_schema.PERMISSIONS_TO_ROLES)
            permissions.carry_over(engine, open_engine(tracking), report)
        mlflow_schema.upgrade_auth(engine)
        return
    if state.stale_auth_revision:
        _forget_auth_revision(engine)
    if state.revision is None:
        mlflow_schema.initialise_tracking(engine)
    else:
        mlflow_schema.upgrade_tracking(engine)


def _forget_auth_revision(engine: Engine) -> None:
    """Take the auth tables' revision of before MLflow 3.6 out of `alembic_version`, where the tracking tables, which
    move in, look for theirs. The auth tables are known by their names then, as MLflow itself knows them."""
    from sqlalchemy import column, delete, table

    version: ColumnClause[str] = column("version_num")
    statement = delete(table(mlflow_schema.TRACKING_VERSION_TABLE, version)).where(
        version.in_(list(Part.AUTH.revisions))
    )
    with engine.begin() as connection:
        connection.execute(statement)


def _refuse(target: Target, state: State, *, upgrade: bool, command: str) -> None:
    """Raise MigrationError for a database that must not be touched."""
    place = f"{target.key} ({shown(target.url)})"
    if state.standing is Standing.NEWER:
        raise MigrationError(
            f"{place} is at revision {state.revision}, which this MLflow does not know; its own is {state.head}. A"
            " newer MLflow has migrated it, and there is no way back: use that MLflow, or restore a backup from before."
        )
    if state.standing is Standing.FOREIGN:
        tables = ", ".join(state.strangers[:5]) + (", ..." if len(state.strangers) > 5 else "")
        raise MigrationError(
            f"{place} holds tables that are not MLflow's ({tables}). Give MLflow a database of its own:"
            f" set {target.key} to an empty one."
        )
    # Half an initialisation is finished even so: it holds nothing that a user kept.
    if state.standing is Standing.OLDER and state.used and not upgrade:
        raise MigrationError(
            f"{place} is at revision {state.revision or 'none'}, older than this MLflow's {state.head}, and"
            f" backendStore.databaseMigration is false. Back it up, then run: {command}"
        )


def _state(target: Target) -> State:
    with _explained(target):
        return read_state(open_engine(target.url), target.part)


def _tracking_key(url: URL) -> str:
    return "backendStore" if is_sqlite(url) else default_key(url)


@contextmanager
def _explained(target: Target) -> Iterator[None]:
    """Turn what the libraries raise into a sentence."""
    from sqlalchemy.exc import DBAPIError

    url = target.url
    try:
        yield
    except FlowshipError:
        raise
    except DBAPIError as error:
        if rights.is_denied(error):
            raise rights.denied(url, error) from error
        original: BaseException = error.orig or error
        if is_sqlite(url):
            raise MigrationError(sqlite.explain_file(sqlite_file(url), original)) from error
        said = " ".join(str(original).split())
        raise MigrationError(f"The migration of {target.key} ({shown(url)}) failed: {said}") from error
    except OSError as error:
        raise DatabaseError(f"The migration of {target.key} ({shown(url)}) failed: {error}") from error
    except Exception as error:  # alembic's and MLflow's own
        words = " ".join(str(error).split())
        raise MigrationError(f"The migration of {target.key} ({shown(url)}) failed: {words}") from error


def _transactional_sqlite(url: URL) -> Any:
    return _explicit_transactions() if is_sqlite(url) else nullcontext()


@contextmanager
def _explicit_transactions() -> Iterator[None]:
    """Let each step of a migration of SQLite succeed or leave nothing behind.

    Python's SQLite module commits before a statement that changes the schema, though SQLite itself could undo it
    (https://docs.sqlalchemy.org/en/21/dialects/sqlite.html on transactional DDL). MLflow's scripts open engines of
    their own, hence the listeners on all engines, for as long as the migration takes.
    """
    from sqlalchemy import Connection, Engine, event

    def leave_transactions_to_us(connection: Any, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.isolation_level = None
            connection.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY * 1000}")
            if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                # With WAL, a power cut may then cost the last steps, which are done again, but never the file.
                connection.execute("PRAGMA synchronous = NORMAL")

    def begin(connection: Connection) -> None:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")

    event.listen(Engine, "connect", leave_transactions_to_us)
    event.listen(Engine, "begin", begin)
    try:
        yield
    finally:
        event.remove(Engine, "connect", leave_transactions_to_us)
        event.remove(Engine, "begin", begin)
