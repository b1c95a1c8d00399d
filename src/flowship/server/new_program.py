"""Serving in a new program, where a variable of the values must be there when Python or a library starts."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from flowship.server.plan.options import applied
from flowship.server.plan.settings import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flowship.server.plan.settings import ProcessSettings

COMMAND = (sys.executable, "-P", "-m", "flowship.server")
"""It holds no secret. `-P` keeps the current directory from shadowing libraries."""


class NewProgram:
    """Serves in a new program in this process's place, so that signals of a container's runtime reach it."""

    def __init__(self, settings: ProcessSettings, environment: Mapping[str, str | None], directory: Path) -> None:
        """`environment` changes that of this process; None is for a variable to remove."""
        self._settings = settings
        self._environment = environment
        self._directory = directory

    def serve(self, found: Mapping[str, str | None]) -> NoReturn:
        """Serve, with the variables that were found out meanwhile."""
        os.chdir(self._directory)
        environ = applied(os.environ, {**self._environment, **found})
        told = {VARIABLE: self._settings.model_dump_json()}
        os.execve(COMMAND[0], COMMAND, {**environ, **told})  # noqa: S606 - no shell is wanted
