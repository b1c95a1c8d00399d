"""What is in the databases, as metrics: one thread of one process asks now and then, and no scrape ever does.

A count of a million runs takes a database some tenths of a second; pauses grow with what it took, so that it is never
busy with this for more than a hundredth of the time.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from flowship.database.part import Part
from flowship.server.reporting import definitions
from flowship.server.reporting.seldom import Seldom
from flowship.status.counting import count
from flowship.status.looking import look_at_database

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flowship.database.database import Database
    from flowship.server.reporting.metrics import Sample
    from flowship.status.counting import Counts
    from flowship.status.report import DatabaseReport

EVERY = 300.0
"""Seconds between two looks."""
SHARE = 100
"""How many times as long as a look the pause after it is at least."""
AGAIN = 30.0
"""Seconds until the next look where one has failed."""
CONNECT = 5
"""Seconds that a database has to accept a connection."""


class DomainMetrics:
    """Knows what was in the databases when they were last asked; nothing where they did not answer."""

    def __init__(self, databases: Sequence[Database]) -> None:
        self._databases = databases
        self._samples: tuple[Sample, ...] = ()
        self._warnings = Seldom(logging.getLogger(__name__))

    def start(self) -> None:
        """Look in a thread of its own, again and again, until the process ends."""
        threading.Thread(target=self._keep_looking, name="flowship-domain-metrics", daemon=True).start()

    def samples(self) -> Iterable[Sample]:
        """Give what is known."""
        return self._samples

    def look(self) -> float:
        """Ask the databases; returns the seconds until they may be asked again."""
        started = time.monotonic()
        reports = tuple(map(look_at_database, self._databases))
        samples = [sample for report in reports for sample in of_database(report)]
        counted = False
        try:
            tracking = next(each for each in self._databases if each.part is Part.TRACKING)
            samples += of_counts(count(tracking.engine(connect_timeout=CONNECT)))
            counted = True
        except Exception as error:  # whatever a driver raises; readiness says what is wrong with the database
            self._warnings.warning("the domain metrics could not be counted: %s", type(error).__name__)
        took = time.monotonic() - started
        if counted:
            samples += [(definitions.COLLECTED, (), time.time()), (definitions.COLLECTING, (), took)]
        self._samples = tuple(samples)
        return max(EVERY if counted else AGAIN, SHARE * took)

    def _keep_looking(self) -> None:
        while True:
            time.sleep(self.look())


def of_database(report: DatabaseReport) -> Iterator[Sample]:
    """Give the samples of one database; what could not be asked is left out."""
    part = (report.part.value,)
    numbers = {
        definitions.DATABASE_SIZE: report.size,
        definitions.SERVER_CONNECTIONS: report.connections,
        definitions.MOST_CONNECTIONS: report.most_connections,
    }
    for definition, number in numbers.items():
        if number is not None:
            yield definition, part, number
    if report.wanted_revision is not None:
        yield definitions.MIGRATION_PENDING, part, float(report.revision != report.wanted_revision)


def of_counts(counts: Counts) -> Iterator[Sample]:
    """Give the samples of what is in the tracking database."""
    for stage, number in counts.experiments.items():
        yield definitions.EXPERIMENTS, (stage,), number
    for (status, stage), number in counts.runs.items():
        yield definitions.RUNS, (status, stage), number
    for table, number in counts.rows.items():
        yield definitions.ROWS, (table,), number
