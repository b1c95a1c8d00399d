"""A collection that dies by SIGKILL in front of an effect: `python -m tests.integration.garbage.dying` with variables
DATABASE_URL, DIRECTORY and DIE_AT, the number of the effect. Effects are transactions, and removals of objects."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from flowship.artifacts.location import ArtifactLocation
from flowship.artifacts.removing.disk import Disk
from flowship.garbage import garbage
from flowship.garbage.writing import Writing
from tests.databases import tracking_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.garbage.world import World


def collect(world: World, die_at: int) -> int:
    """Run it to its end, or to where it dies; its status."""
    environment = {
        **os.environ,
        "DATABASE_URL": world.url.render_as_string(hide_password=False),
        "DIRECTORY": str(world.root),
        "DIE_AT": str(die_at),
    }
    command = [sys.executable, "-m", "tests.integration.garbage.dying"]
    return subprocess.run(command, env=environment, check=False, timeout=300).returncode


def _main() -> None:
    effects, die_at = itertools.count(), int(os.environ["DIE_AT"])

    def dying(work: Callable[..., Any]) -> Callable[..., Any]:
        def attempt(*arguments: Any) -> Any:
            if next(effects) == die_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return work(*arguments)

        return attempt

    for owner, name in ((Writing, "run"), (Disk, "remove")):
        setattr(owner, name, dying(getattr(owner, name)))
    location = ArtifactLocation(Path(os.environ["DIRECTORY"]).as_uri(), proxied=True)
    tracking = tracking_at(make_url(os.environ["DATABASE_URL"]))
    report = garbage.collect(tracking, location, timedelta(days=30), lambda _: None)
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    _main()
