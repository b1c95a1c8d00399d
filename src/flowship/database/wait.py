"""Waits until a database answers a query, and tells what keeps it from doing so."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from flowship.database.connection_errors import Cause, Obstacle, explain, silent
from flowship.database.url import server_host
from flowship.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.database.database import Database

TIMEOUT = 300.0
"""Seconds to wait for a database, unless told otherwise."""
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
ATTEMPT_LIMIT = 10.0
"""Seconds that one attempt may take: connecting, logging in and a query."""
SHORTEST_ATTEMPT = 1.0
"""Seconds that the last attempt has at least: one that is cut short says only that nothing answered in time."""
NO_DATABASE_LIMIT = 60.0
"""Seconds to wait for a database that its server does not know. An operator or an init script may make it moments
after its server starts; a misspelt name should not cost five minutes."""


def wait(database: Database, *, report: Callable[[str], None], timeout: float = TIMEOUT) -> None:
    """Wait until the database answers `SELECT 1`; `report` is told the cause of each attempt that fails.

    A SQLite file has nobody to wait for. Raises DatabaseError with the last cause when `timeout` seconds have passed,
    or at once when waiting cannot mend it: a wrong password, missing rights, TLS. Raises MissingExtraError without the
    driver.
    """
    if database.is_file:
        return
    database.require_driver()
    started = time.monotonic()
    deadline = started + timeout
    no_database_since: float | None = None
    pause = FIRST_PAUSE
    while cause := attempt(database, limit=min(ATTEMPT_LIMIT, max(deadline - time.monotonic(), SHORTEST_ATTEMPT))):
        now = time.monotonic()
        no_database_since = (no_database_since or now) if cause.obstacle is Obstacle.NO_DATABASE else None
        if cause.final:
            raise DatabaseError(f"{database.shown}: {cause.sentence}.")
        if now >= deadline or (no_database_since and now - no_database_since >= NO_DATABASE_LIMIT):
            raise DatabaseError(f"{database.shown} did not answer within {now - started:.0f} s: {cause.sentence}.")
        pause_now = min(pause, deadline - now)
        report(f"{cause.sentence}; trying again in {pause_now:.1f} s")
        time.sleep(pause_now)
        pause = min(pause * 2, LONGEST_PAUSE)
    if pause > FIRST_PAUSE:
        report(f"{database.shown} answers after {time.monotonic() - started:.1f} s")


def attempt(database: Database, *, limit: float = ATTEMPT_LIMIT) -> Cause | None:
    """Try once to log in to a database and ask it; gives None when it answered, otherwise why not. Takes at most
    `limit` seconds."""
    return Attempt(database, limit).outcome(limit)


class Attempt:
    """One log-in and query, in a thread of its own.

    The thread is left behind when its time is over: neither the look-up of a name nor the answer of a server that
    froze after the login obeys the drivers' own limits.
    """

    def __init__(self, database: Database, limit: float = ATTEMPT_LIMIT) -> None:
        self._database = database
        self._found: list[Cause | None] = []
        self._thread = threading.Thread(
            target=lambda: self._found.append(_ask(database, limit)), name="flowship-database-attempt", daemon=True
        )
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether it still waits for the server."""
        return self._thread.is_alive()

    def outcome(self, limit: float) -> Cause | None:
        """Tell what it found, within `limit` seconds: None when the server answered, otherwise why not."""
        self._thread.join(limit)
        return self._found[0] if self._found else silent(self._database)


def _ask(database: Database, limit: float) -> Cause | None:
    from sqlalchemy import text

    servers = server_host(database.url).count(",") + 1  # each is tried, and libpq's limit is for one
    seconds = max(int(limit / servers), 2)  # libpq takes whole seconds, two at least
    try:
        engine = database.engine(connect_timeout=seconds, read_timeout=seconds)
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except Exception as error:  # whatever a driver raises is a cause
        return explain(error, database)
    return None
