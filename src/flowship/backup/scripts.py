"""Scripts that Flowship leaves to a container of a database's image, in a directory that they share.

There is one for each database, also where nothing is to be done: the containers are the same in either case.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, get_args

from flowship.backup.manifest import Database
from flowship.backup.programs import NOTHING_TO_DO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def script(work: Path, database: Database) -> Path:
    """Where the script of a database is."""
    return work / f"{database}.sh"


def write_scripts(work: Path, scripts: Mapping[Database, str]) -> None:
    """Write them, for their owner only: they hold passwords."""
    for database in get_args(Database):
        file = script(work, database)
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as target:
            target.write(scripts.get(database, NOTHING_TO_DO))
