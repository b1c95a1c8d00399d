"""What all parts of one benchmark share: the database server, the seeded data, the sizes and the results."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.databases import Databases, copied
from benchmarks.results import begin
from benchmarks.seeding import seeded
from benchmarks.sides import Setup, running
from tests.integration.servers.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.calls import Subject
    from benchmarks.plan import Plan
    from benchmarks.results import Results
    from benchmarks.sides import Access, MlflowServer


@dataclass(frozen=True)
class Session:
    """One benchmark from its beginning to its end."""

    plan: Plan
    results: Results
    subject: Subject
    report: Callable[[str], None]
    """Tells a person what is going on."""
    postgres: PostgresServer
    originals: Databases
    data: Path

    @contextmanager
    def server(self, side: type[MlflowServer], access: Access = "open") -> Iterator[MlflowServer]:
        """One server on data of its own."""
        with self.setup(access) as setup, running(side, setup) as server:
            yield server

    @contextmanager
    def setup(self, access: Access = "open") -> Iterator[Setup]:
        """A fresh copy of the data, for one or more servers."""
        with copied(self.postgres, self.originals) as databases:
            yield Setup(self.plan, databases, self.data, access)


@contextmanager
def session(plan: Plan, report: Callable[[str], None]) -> Iterator[Session]:
    """Start the database and seed it."""
    results = begin(plan)
    with tempfile.TemporaryDirectory(prefix="flowship-benchmark-") as data, PostgresServer() as postgres:
        report("seeding the database")
        originals, subject = seeded(postgres, plan, Path(data))
        yield Session(plan, results, subject, report, postgres, originals, Path(data))
