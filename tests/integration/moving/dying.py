"""A program that moves OLD to NEW, and dies by SIGKILL when it has written so many batches, before they are kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

if TYPE_CHECKING:
    from sqlalchemy import URL


def run(old: URL, new: URL, *, kill_at: int) -> int:
    """Run it to its end; its status."""
    environment = {
        **os.environ,
        "OLD": old.render_as_string(hide_password=False),
        "NEW": new.render_as_string(hide_password=False),
        "KILL_AT": str(kill_at),
    }
    command = [sys.executable, "-m", "tests.integration.moving.dying"]
    return subprocess.run(command, env=environment, check=False, timeout=300).returncode


def main() -> None:
    from flowship.moving import batches
    from flowship.moving.move import move
    from flowship.moving.told import Told
    from tests.databases import databases_at

    write, left = batches.write, int(os.environ["KILL_AT"])

    def dying(*arguments: Any) -> None:
        nonlocal left
        write(*arguments)
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(batches, "write", dying)  # noqa: B010 - in place of the function
    old, new = (databases_at(make_url(os.environ[name])) for name in ("OLD", "NEW"))
    move(old, new, Told(print))


if __name__ == "__main__":
    main()
