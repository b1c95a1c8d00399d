"""A collection that dies by SIGKILL in front of an effect. Its arguments are the database's URL, the directory of
artifacts and the number of the effect; effects are transactions, and removals of objects."""

from __future__ import annotations

import itertools
import os
import signal
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
from tests.integration.forked import run_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.garbage.world import World


def collect(world: World, die_at: int) -> int:
    """Run it to its end, or to where it dies; its status."""
    url = world.url.render_as_string(hide_password=False)
    return run_module("tests.integration.garbage.dying", url, str(world.root), str(die_at), limit=300).returncode


def main(url: str, directory: str, die_at: str) -> None:
    effects = itertools.count()

    def dying(work: Callable[..., Any]) -> Callable[..., Any]:
        def attempt(*arguments: Any) -> Any:
            if next(effects) == int(die_at):
                os.kill(os.getpid(), signal.SIGKILL)
            return work(*arguments)

        return attempt

    for owner, name in ((Writing, "run"), (Disk, "remove")):
        setattr(owner, name, dying(getattr(owner, name)))
    location = ArtifactLocation(Path(directory).as_uri(), proxied=True)
    tracking = tracking_at(make_url(url))
    report = garbage.collect(tracking, location, timedelta(days=30), lambda _: None)
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
