"""A program that moves OLD to NEW, and dies by SIGKILL when it has written so many batches, before they are kept."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from tests.integration.forked import run_module

if TYPE_CHECKING:
    from sqlalchemy import URL


def run(old: URL, new: URL, *, kill_at: int) -> int:
    """Run it to its end; its status."""
    urls = (each.render_as_string(hide_password=False) for each in (old, new))
    return run_module("tests.integration.moving.dying", *urls, str(kill_at), limit=300).returncode


def main(old: str, new: str, kill_at: str) -> None:
    from flowship.moving.move import move
    from flowship.moving.rows import batches
    from flowship.moving.told import Told
    from tests.databases import databases_at

    write, left = batches.write, int(kill_at)

    def dying(*arguments: Any) -> None:
        nonlocal left
        write(*arguments)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(batches, "write", dying)  # noqa: B010 - in place of the function
    move(databases_at(make_url(old)), databases_at(make_url(new)), Told(print))


if __name__ == "__main__":
    main(*sys.argv[1:])
