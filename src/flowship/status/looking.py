"""Looks at what a Flowship keeps its data in, within seconds whatever hangs, and changes nothing."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

from flowship import __version__
from flowship.backup import record
from flowship.database.connection_errors import explain
from flowship.database.migrating.revision import Standing, read_state
from flowship.garbage import record as garbage_record
from flowship.status.report import ArtifactsReport, DatabaseReport, Status, Versions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Engine

    from flowship.database.database import Database
    from flowship.status.report import ServerReport
    from flowship.values.model.signing_in import Method

Known = TypeVar("Known")

LIMIT = 2
"""Seconds that a database has for each answer."""

FULL = 0.02
"""The share of a file system below which what is free is too little to go on with."""

SIZES = {
    "postgresql": "SELECT pg_database_size(current_database())",
    "mysql": "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()",
}

CONNECTIONS = {
    "postgresql": "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
    " current_setting('max_connections')::int",
    "mysql": "SELECT (SELECT COUNT(*) FROM information_schema.processlist), @@max_connections",
}

WRONG = {
    Standing.EMPTY: "{named} is empty. Start the server, or run flowship migrate.",
    Standing.OLDER: "{named} is at revision {revision}, and this MLflow's is {head}. Run flowship migrate.",
    Standing.NEWER: "{named} is at revision {revision}, which this MLflow does not know. Use a newer one.",
    Standing.FOREIGN: "{named} holds tables that are not MLflow's. Name another one.",
}


def look(
    databases: Sequence[Database],
    artifacts: tuple[str, bool] | None,
    signing_in: Method,
    server: ServerReport | None = None,
) -> Status:
    """Look at these databases and at the artifacts' address, of which is told whether clients reach it through the
    server only."""
    reports = tuple(map(look_at_database, databases))
    return Status(
        versions=versions(),
        server=server,
        databases=reports,
        artifacts=look_at_artifacts(*artifacts) if artifacts else None,
        signing_in=signing_in,
        last_backup=None if reports[0].wrong else _known(databases[0], record.last),
        garbage=None if reports[0].wrong else _known(databases[0], garbage_record.last),
    )


def versions() -> Versions:
    """Give the versions of what runs."""
    return Versions(flowship=__version__, mlflow=version("mlflow"), python=platform.python_version())


def look_at_database(database: Database) -> DatabaseReport:
    """Look at one database."""
    found = DatabaseReport(part=database.part, address=database.shown)
    if database.is_file and not database.file.exists():
        return found.model_copy(update={"wrong": f"{database.named} is not there. Start the server, which makes it."})
    try:
        engine = database.engine(connect_timeout=LIMIT, read_timeout=LIMIT)
        state = read_state(engine, database.part)
        sentence = WRONG.get(state.standing, "")
        size, (connections, most) = _size(engine, database), _connections(engine)
    except Exception as error:  # a driver's error is the answer
        return found.model_copy(update={"wrong": f"{database.named}: {explain(error, database).sentence}."})
    return DatabaseReport(
        part=database.part,
        address=database.shown,
        revision=state.revision,
        wanted_revision=state.head,
        size=size,
        connections=connections,
        most_connections=most,
        wrong=sentence.format(named=database.named, revision=state.revision or "none", head=state.head) or None,
    )


def look_at_artifacts(address: str, proxied: bool) -> ArtifactsReport:
    """Look at where artifacts are: how much is free, in a directory; object stores do not tell."""
    if (directory := directory_of(address)) is None:
        return ArtifactsReport(address=address, proxied=proxied)
    nearest = next(path for path in (directory, *directory.parents) if path.exists())
    usage = shutil.disk_usage(nearest)
    wrong = None
    if usage.free < FULL * usage.total:
        wrong = f"{directory}: only {usage.free // 2**20} MiB are free. Make room, or enlarge the volume."
    return ArtifactsReport(address=address, proxied=proxied, free=usage.free, size=usage.total, wrong=wrong)


def directory_of(address: str) -> Path | None:
    """Give the directory that an address of artifacts is; None for an object store."""
    parts = urlsplit(address)
    return Path(url2pathname(parts.path)) if parts.scheme in {"", "file"} else None


def _known(tracking: Database, ask: Callable[[Engine], Known | None]) -> Known | None:
    try:
        return ask(tracking.engine(connect_timeout=LIMIT, read_timeout=LIMIT))
    except Exception:  # what is wrong with the database is told of it already, if it lasts
        return None


def _size(engine: Engine, database: Database) -> int | None:
    from sqlalchemy import text

    if database.is_file:
        beside = [Path(f"{database.file}{suffix}") for suffix in ("", "-wal")]
        return sum(path.stat().st_size for path in beside if path.exists())
    with engine.connect() as connection:
        return int(connection.execute(text(SIZES[database.kind])).scalar_one() or 0)


def _connections(engine: Engine) -> tuple[int | None, int | None]:
    """Count the connections to a server, and those that it lets in."""
    from sqlalchemy import text

    if (query := CONNECTIONS.get(engine.dialect.name)) is None:
        return None, None
    with engine.connect() as connection:
        used, most = connection.execute(text(query)).one()
    return int(used), int(most)
