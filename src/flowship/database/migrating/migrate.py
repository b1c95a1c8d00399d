"""Brings the tracking and the auth database to this MLflow's schema: forward only, once, under a lock."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from flowship.database import sqlite, volume
from flowship.database.lock import locked
from flowship.database.migrating import character_set, interrupted, permissions, rights, search_indexes, table_locks
from flowship.database.migrating.foretelling import of_servers_before
from flowship.database.migrating.outlook import outlook
from flowship.database.migrating.revision import Standing, State, read_state
from flowship.database.migrating.transactional_sqlite import explicit_transactions
from flowship.database.own_tables import unfinished
from flowship.database.part import Part
from flowship.database.wait import TIMEOUT, wait
from flowship.errors import DatabaseError, FlowshipError, MigrationError
from flowship.mlflow_seams.database import schema as mlflow_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import ColumnClause, Engine

    from flowship.database.database import Database, Databases

    Report = Callable[[str], None]

COMMAND = "flowship migrate -f FILE"


def migrate(
    databases: Databases,
    *,
    upgrade: bool,
    report: Report,
    timeout: float = TIMEOUT,
    before_upgrade: Callable[[], None] | None = None,
) -> None:
    """Bring both databases to this MLflow's schema; they may be one.

    An empty database is initialised, an older one upgraded if `upgrade`, else refused with the command that does it;
    a current one is left alone; one that is newer, or that holds something else, is refused, and then neither is
    touched. `before_upgrade` is called before an older database of a server is changed, and may take its time.
    `timeout` is for each database to answer, in seconds. Raises DatabaseError when a database does not answer,
    MigrationError when it is refused or the migration fails.
    """
    for database in databases:
        wait(database, timeout=timeout, report=report)
        with _explained(database):
            unfinished.refuse(database)
        if database.is_file:
            sqlite.prepare(database.file)
    for database in databases:
        with _explained(database):
            state = read_state(database.engine(), database.part)
        _refuse(database, state, upgrade=upgrade)
    for database in databases:
        with _explained(database), locked(database, report=report), _transactions(database):
            if (state := _under_the_lock(database, upgrade=upgrade, report=report)).standing is Standing.CURRENT:
                continue
            _change(database, state, databases.tracking, before_upgrade, report)
        report(f"MLflow's {database.part} tables in {database.shown} are at revision {state.head} now")


def _under_the_lock(database: Database, *, upgrade: bool, report: Report) -> State:
    """Look again at what is to be migrated: somebody else may have migrated, or begun a restore, while we waited."""
    if database.is_file:
        _choose_journal(database, report)
    unfinished.refuse(database)
    engine = database.engine()
    if database.kind == "mysql":
        interrupted.clean_up(database, read_state(engine, database.part), report)
    state = read_state(engine, database.part)
    _refuse(database, state, upgrade=upgrade)
    if database.kind == "mysql" and (complaint := character_set.complaint(engine)):
        report(f"{database.shown}: {complaint}")
    return state


def _choose_journal(database: Database, report: Report) -> None:
    shared = volume.shared_kind(database.file)
    sqlite.set_journal(database.file, wal=shared is None)
    if shared:
        report(f"{database.shown} has no write-ahead log, which a volume of the kind {shared} cannot keep safe")


def _change(
    database: Database,
    state: State,
    tracking: Database,
    before_upgrade: Callable[[], None] | None,
    report: Report,
) -> None:
    """Make the tables, or bring them to this MLflow's revision, once there is a way back."""
    if state.standing is Standing.EMPTY:
        report(f"making MLflow's {database.part} tables in {database.shown}")
    else:
        report(f"migrating {database.shown} from revision {state.revision or 'none'} to {state.head}")
        if state.used and not database.is_file:
            for sentence in of_servers_before(outlook(database.part, database.kind, state.revision)):
                report(sentence)
        _keep_a_way_back(database, state, before_upgrade, report)
    rights.probe(database)
    undoes = database.kind != "mysql"
    if not undoes and state.standing is Standing.EMPTY and character_set.widen_empty(database):
        report(f"the tables of {database.shown} will be in {character_set.WANTED}, which holds every letter")
    if database.is_file and state.part is Part.TRACKING and state.standing is Standing.OLDER:
        search_indexes.remove(database.engine())
    if not undoes:
        interrupted.remember_begun(database, state)
    _apply(database, state, tracking, report)
    if not undoes:
        interrupted.forget_begun(database)
    after = read_state(database.engine(), database.part)
    if after.standing is not Standing.CURRENT:
        raise MigrationError(
            f"{database.shown} is at revision {after.revision or 'none'} after its migration to {after.head}."
        )


def _keep_a_way_back(
    database: Database, state: State, before_upgrade: Callable[[], None] | None, report: Report
) -> None:
    """Copy a file, wait for the backup of a server, or say that there is none."""
    if database.is_file:
        kept = sqlite.keep_copy(database.file, state.revision or "none")
        report(f"a copy of it, as it was, is in {kept}")
    elif state.used and before_upgrade is not None:
        before_upgrade()
    elif state.used:
        report(
            f"there is no way back from revision {state.head} to {state.revision or 'none'}: an older MLflow cannot use"
            f" {database.shown} any more, unless you restore a backup from before this moment. To have one taken before"
            " each migration, set backup.enabled on Kubernetes, and run `flowship backup -f FILE` yourself elsewhere"
        )


def _apply(database: Database, state: State, tracking: Database, report: Report) -> None:
    """Run MLflow's own scripts, and what they leave out."""
    engine = database.engine()
    if state.part is Part.AUTH:
        if state.standing is Standing.OLDER and permissions.are_at_stake(state.revision):
            mlflow_schema.upgrade_auth(engine, mlflow_schema.PERMISSIONS_TO_ROLES)
            permissions.carry_over(engine, tracking.engine(), report)
        mlflow_schema.upgrade_auth(engine)
        return
    if state.stale_auth_revision:
        _forget_auth_revision(engine)
    if state.revision is None:
        mlflow_schema.initialise_tracking(engine)
    elif database.kind == "postgresql":
        with table_locks.held(database, outlook(database.part, database.kind, state.revision), report) as engine:
            mlflow_schema.upgrade_tracking(engine)
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


def _refuse(database: Database, state: State, *, upgrade: bool) -> None:
    """Raise MigrationError for a database that must not be touched."""
    if state.standing is Standing.NEWER:
        raise MigrationError(
            f"{database.named} is at revision {state.revision}, which this MLflow does not know; its own is"
            f" {state.head}. A newer MLflow has migrated it, and there is no way back: use that MLflow, or restore a"
            " backup from before."
        )
    if state.standing is Standing.FOREIGN:
        tables = ", ".join(state.strangers[:5]) + (", ..." if len(state.strangers) > 5 else "")
        raise MigrationError(
            f"{database.named} holds tables that are not MLflow's ({tables}). Give MLflow a database of its own:"
            f" set {database.key} to an empty one."
        )
    # Half an initialisation is finished even so: it holds nothing that a user kept.
    if state.standing is Standing.OLDER and state.used and not upgrade:
        raise MigrationError(
            f"{database.named} is at revision {state.revision or 'none'}, older than this MLflow's {state.head}, and"
            f" backendStore.databaseMigration is false. Back it up, then run: {COMMAND}"
        )


@contextmanager
def _explained(database: Database) -> Iterator[None]:
    """Turn what the libraries raise into a sentence."""
    from sqlalchemy.exc import DBAPIError

    failed = f"The migration of {database.named} failed"
    try:
        yield
    except FlowshipError:
        raise
    except DBAPIError as error:
        if rights.is_denied(error):
            raise rights.denied(database, error) from error
        original: BaseException = error.orig or error
        if database.is_file:
            raise MigrationError(sqlite.explain_file(database.file, original)) from error
        raise MigrationError(f"{failed}: {' '.join(str(original).split())}") from error
    except OSError as error:
        raise DatabaseError(f"{failed}: {error}") from error
    except Exception as error:  # alembic's and MLflow's own
        raise MigrationError(f"{failed}: {' '.join(str(error).split())}") from error


def _transactions(database: Database) -> AbstractContextManager[None]:
    return explicit_transactions() if database.is_file else nullcontext()
