"""Who else uses a database: what is written during a move would be left behind."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from flowship.errors import MoveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.database.database import Database

OTHERS = {
    "postgresql": "SELECT coalesce(nullif(application_name, ''), 'a client') || ' from '"
    " || coalesce(host(client_addr), 'this machine') FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    "mysql": "SELECT CONCAT('a client from ', HOST) FROM information_schema.PROCESSLIST"
    " WHERE DB = DATABASE() AND ID <> CONNECTION_ID()",
}
SHOWN = 3


def require_alone(database: Database) -> None:
    """Refuse a database that anybody else is connected with.

    Raises:
        MoveError: it says who, and what to do.
    """
    if found := _others(database):
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise MoveError(
            f"{database.named} is in use, by {', '.join(found[:SHOWN])}{more}: what is written during a move would be"
            " lost. Stop the MLflow servers of both sides (on Kubernetes, set replicaCount to 0 until it is done). If"
            " these are no writers, such as idle connections of a pooler, add --in-use."
        )


def _others(database: Database) -> list[str]:
    if database.is_file:
        return list(_processes(database.file)) if database.file.exists() else []
    with database.engine().connect() as connection:
        return [str(name) for name in connection.exec_driver_sql(OTHERS[database.kind]).scalars()]


def _processes(file: Path, processes: Path = Path("/proc")) -> Iterator[str]:
    """Find the processes of this machine that have a file open, as far as this user may know."""
    wanted = os.path.realpath(file)
    for directory in processes.glob("[0-9]*"):
        if directory.name == str(os.getpid()):
            continue
        try:
            opened = {str(link.readlink()) for link in (directory / "fd").iterdir()}
        except OSError:  # it has ended, or is another user's
            continue
        if wanted in opened:
            yield f"process {directory.name}"
