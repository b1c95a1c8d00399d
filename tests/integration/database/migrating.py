"""A program that migrates a database, and dies where it is told: for tests of what it leaves.

Its argument is JSON. With `at_once`, another number than 0, so many forks of it migrate at once. `kill_at` is a number
too: SIGKILL strikes when that many revisions have been applied, before the last of them is recorded, which is the worst
moment. 0 is before the first.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

from tests.integration.forked import run_module

if TYPE_CHECKING:
    from sqlalchemy import URL


def run(url: URL, *, kill_at: int | None = None, upgrade: bool = True, at_once: int = 0) -> tuple[int, str]:
    """Run the program to its end; its status and what it printed."""
    told = {"url": url.render_as_string(hide_password=False), "kill_at": kill_at, "upgrade": upgrade}
    done = run_module("tests.integration.database.migrating", json.dumps({**told, "at_once": at_once}))
    return done.returncode, done.stdout + done.stderr


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at(count: int) -> None:
    from flowship.mlflow_seams.database import schema as mlflow_schema

    if count == 0:
        mlflow_schema.upgrade_tracking = lambda engine: _die()
        return
    from alembic.runtime.migration import HeadMaintainer

    original = HeadMaintainer.update_to_step
    steps: list[object] = []

    def update_to_step(self: Any, step: Any) -> None:
        steps.append(step)
        if len(steps) == count:
            _die()
        original(self, step)

    HeadMaintainer.update_to_step = update_to_step


def main(at_once: int, **told: Any) -> None:
    if at_once:
        sys.exit(_fork(at_once, told))
    _migrate(**told)


def _fork(count: int, told: dict[str, Any]) -> int:
    """Migrate in so many forks of this process; how many failed."""
    begin, let_begin = os.pipe()
    pids = []
    for _ in range(count):
        if pid := os.fork():
            pids.append(pid)
            continue
        os.close(let_begin)
        os.read(begin, 1)  # ends for all when the other end is closed
        status = 1
        try:
            _migrate(**told)
            status = 0
        finally:
            os._exit(status)
    os.close(let_begin)
    return sum(os.waitpid(pid, 0)[1] != 0 for pid in pids)


def _migrate(url: str, kill_at: int | None, upgrade: bool) -> None:
    from flowship.database.migrating.migrate import migrate
    from flowship.errors import FlowshipError
    from tests.databases import databases_at

    if kill_at is not None:
        _die_at(kill_at)
    try:
        migrate(
            databases_at(make_url(url)),
            upgrade=upgrade,
            report=lambda sentence: print(sentence, flush=True),  # noqa: T201 - the test reads it
        )
    except FlowshipError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
