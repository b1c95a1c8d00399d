"""A program that migrates the database of DATABASE_URL, and dies where KILL_AT says: for tests of what it leaves.

With AT_ONCE, another number than 0, so many forks of it migrate at once. KILL_AT is a number too: SIGKILL strikes when
that many revisions have been applied, before the last of them is recorded, which is the worst moment. 0 is before the
first.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import make_url

if TYPE_CHECKING:
    from sqlalchemy import URL


def start(url: URL, *, kill_at: int | None = None, upgrade: bool = True, at_once: int = 0) -> subprocess.Popen[str]:
    """Start the program."""
    environment = {
        **os.environ,
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "UPGRADE": str(int(upgrade)),
        "AT_ONCE": str(at_once),
    }
    if kill_at is not None:
        environment["KILL_AT"] = str(kill_at)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.database.migrating"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(url: URL, *, kill_at: int | None = None, upgrade: bool = True, at_once: int = 0) -> tuple[int, str]:
    """Run it to its end; its status and what it printed."""
    with start(url, kill_at=kill_at, upgrade=upgrade, at_once=at_once) as process:
        output, _ = process.communicate(timeout=300)
    return process.returncode, output


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


def main() -> None:
    if count := int(os.environ["AT_ONCE"]):
        import_module("mlflow.store.tracking.sqlalchemy_store")  # once for all forks; it takes most of the time
        sys.exit(_fork(count))
    _migrate()


def _fork(count: int) -> int:
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
            _migrate()
            status = 0
        finally:
            os._exit(status)
    os.close(let_begin)
    return sum(os.waitpid(pid, 0)[1] != 0 for pid in pids)


def _migrate() -> None:
    from flowship.database.migrating.migrate import migrate
    from flowship.errors import FlowshipError
    from tests.databases import databases_at

    if "KILL_AT" in os.environ:
        _die_at(int(os.environ["KILL_AT"]))
    try:
        migrate(
            databases_at(make_url(os.environ["DATABASE_URL"])),
            upgrade=os.environ["UPGRADE"] == "1",
            report=lambda sentence: print(sentence, flush=True),  # noqa: T201 - the test reads it
        )
    except FlowshipError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
