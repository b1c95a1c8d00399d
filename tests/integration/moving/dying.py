"""A program that moves OLD to NEW, and dies by SIGKILL when it has called a function so often, before that is kept."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from tests.integration.forked import run_module

if TYPE_CHECKING:
    from sqlalchemy import URL


WRITES = "flowship.moving.rows.batches:write"
"""Called for each batch of rows."""
KEYS = "flowship.moving.rows.keys:execute"
"""Called twice for each key that is made again."""


def run(old: URL, new: URL, *, kill_at: int, of: str = WRITES) -> str:
    """Run it to its end; how that was: `killed`, or what it said."""
    urls = (each.render_as_string(hide_password=False) for each in (old, new))
    done = run_module("tests.integration.moving.dying", *urls, of, str(kill_at), limit=300)
    return "killed" if done.returncode == -signal.SIGKILL else done.stdout + done.stderr


def main(old: str, new: str, of: str, kill_at: str) -> None:
    from flowship.moving.move import move
    from flowship.moving.told import Told
    from tests.databases import databases_at

    module, name = of.split(":")
    place, left = import_module(module), int(kill_at)
    function = getattr(place, name)

    def dying(*arguments: Any) -> None:
        nonlocal left
        function(*arguments)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(place, name, dying)
    move(databases_at(make_url(old)), databases_at(make_url(new)), Told(print))


if __name__ == "__main__":
    main(*sys.argv[1:])
