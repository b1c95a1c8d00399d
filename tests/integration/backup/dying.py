"""A program that takes or restores a backup of DATABASE_URL in DIRECTORY, and dies by SIGKILL where KILL_AT says.

KILL_AT names a function, `module:name`, and is struck when that is called, or, with `after ` before,
when it has returned.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import make_url

if TYPE_CHECKING:
    from sqlalchemy import URL

    from flowship.backup.catalog import Catalog


def run(what: str, url: URL, catalog: Catalog, kill_at: str = "") -> int:
    """Run it to its end, `take` or `restore`; its status."""
    environment = {
        **os.environ,
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "DIRECTORY": str(catalog.directory),
        "KILL_AT": kill_at,
    }
    command = [sys.executable, "-m", "tests.integration.backup.dying", what]
    return subprocess.run(command, env=environment, check=False, timeout=120).returncode


def _die(*_arguments: Any, **_named: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _die_at(where: str) -> None:
    module, _, name = where.removeprefix("after ").partition(":")
    owner: Any = importlib.import_module(module)
    *classes, function = name.split(".")
    for each in classes:
        owner = getattr(owner, each)
    original = getattr(owner, function)

    def strike(*arguments: Any, **named: Any) -> NoReturn:
        original(*arguments, **named)
        _die()

    setattr(owner, function, strike if where.startswith("after ") else _die)


def main() -> None:
    from flowship.backup.catalog import Catalog
    from flowship.backup.restoring import restore
    from flowship.backup.taking import take
    from tests.databases import databases_at
    from tests.integration.backup.rows import silent

    if where := os.environ["KILL_AT"]:
        _die_at(where)
    found, catalog = databases_at(make_url(os.environ["DATABASE_URL"])), Catalog(Path(os.environ["DIRECTORY"]))
    if sys.argv[1] == "take":
        take(found, catalog, 1, os.environ, silent)
    else:
        restore(found, catalog, "latest", os.environ, silent)


if __name__ == "__main__":
    main()
