"""A program that takes or restores a backup of a database in a directory, and dies by SIGKILL where it is told.

Its arguments are what it does, the database's URL, the directory and a function, `module:name`: it is struck when that
is called, or, with `after ` before, when it has returned.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import make_url

from tests.integration.forked import run_module

if TYPE_CHECKING:
    from sqlalchemy import URL

    from flowship.backup.catalog import Catalog


def run(what: str, url: URL, catalog: Catalog, kill_at: str = "") -> int:
    """Run it to its end, `take` or `restore`; its status."""
    arguments = (what, url.render_as_string(hide_password=False), str(catalog.directory), kill_at)
    return run_module("tests.integration.backup.dying", *arguments).returncode


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


def main(what: str, url: str, directory: str, kill_at: str) -> None:
    from flowship.backup.catalog import Catalog
    from flowship.backup.restoring import restore
    from flowship.backup.taking import take
    from tests.databases import databases_at
    from tests.integration.backup.rows import silent

    if kill_at:
        _die_at(kill_at)
    found, catalog = databases_at(make_url(url)), Catalog(Path(directory))
    if what == "take":
        take(found, catalog, 1, os.environ, silent)
    else:
        restore(found, catalog, "latest", os.environ, silent)


if __name__ == "__main__":
    main(*sys.argv[1:])
