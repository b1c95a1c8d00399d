"""Scripts that Flowship leaves to a container of a database's image, in a directory that they share.

There is one for each database, also where nothing is to be done: the containers are the same in either case.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowship.backup.programs import NOTHING_TO_DO
from flowship.database.part import Part

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def script(work: Path, part: Part) -> Path:
    """Name the file of the script for one part's database."""
    return work / f"{part}.sh"


def write_scripts(work: Path, scripts: Mapping[Part, str]) -> None:
    """Write the scripts, for their owner only: they hold passwords."""
    for part in Part:
        file = script(work, part)
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as target:
            target.write(scripts.get(part, NOTHING_TO_DO))
