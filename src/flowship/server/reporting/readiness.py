"""Whether this server can do its work now: it is not stopping, a worker serves, and its databases answer.

A database is asked in a thread of its own, for a short time, and its answer is kept for a moment, so that neither
probes nor a database that hangs cost anything.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowship.database.part import Part
from flowship.database.wait import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowship.database.database import Database
    from flowship.server.reporting.state import SharedState

ASK_LIMIT = 2.0
"""Seconds that a database has for its answer."""
FRESH = 2.0
"""Seconds for which an answer is not asked for again."""
USABLE = 10.0
"""Seconds for which an old answer stands in while a new one is asked for."""

DatabaseAnswers = dict[str, str | None]
"""For each database, None when it answers, else a sentence that says why not; none holds a secret."""


@dataclass(frozen=True)
class Report:
    """Whether the server is ready, and each check with `ok` or what is wrong."""

    checks: Mapping[str, str]

    @property
    def ready(self) -> bool:
        return all(found == OK for found in self.checks.values())


OK = "ok"


NAMES = {Part.TRACKING: "database", Part.AUTH: "auth database"}
"""The names of the databases among the checks."""


class DatabaseAsker:
    """Asks the databases whether they answer.

    One that hangs is not asked again before it has answered, so that nothing piles up.
    """

    def __init__(self, databases: Sequence[Database]) -> None:
        self._databases = databases
        self._attempts: dict[Part, Attempt] = {}

    def ask(self) -> DatabaseAnswers:
        """Ask each of them."""
        return {NAMES[database.part]: self._ask(database) for database in self._databases}

    def _ask(self, database: Database) -> str | None:
        attempt = self._attempts.get(database.part)
        if attempt is None or not attempt.running:
            attempt = self._attempts[database.part] = Attempt(database, ASK_LIMIT)
        cause = attempt.outcome(ASK_LIMIT)
        return cause.sentence if cause else None


@dataclass
class Readiness:
    """The checks of one process."""

    state: SharedState
    ask: Callable[[], DatabaseAnswers]
    clock: Callable[[], float] = time.monotonic
    _answers: DatabaseAnswers = field(default_factory=dict)
    _asked: float = float("-inf")
    _asking: asyncio.Task[None] | None = None

    async def report(self) -> Report:
        """Give the checks, with the databases' answers of at most some seconds ago."""
        age = self.clock() - self._asked
        if age > FRESH and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._refresh())
        if age > USABLE and self._asking is not None:
            await asyncio.shield(self._asking)
        return Report(
            {
                "stopping": "the server was asked to stop" if self.state.draining else OK,
                "workers": OK if self.state.serving else "no worker serves yet",
                "connections": "no worker can take another connection; the log says why" if self.state.full else OK,
                **{name: cause or OK for name, cause in self._answers.items()},
            }
        )

    async def _refresh(self) -> None:
        self._answers = await asyncio.to_thread(self.ask)
        self._asked = self.clock()
