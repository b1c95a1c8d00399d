"""What all parts of one benchmark share: the database server, the seeded data, the sizes and the results."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.databases import Databases, copied
from benchmarks.rest import wait_for_rest
from benchmarks.results import begin
from benchmarks.seeding import seeded
from benchmarks.sides import Setup, running
from tests.integration.servers.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.calls import Subject
    from benchmarks.plan import Plan
    from benchmarks.rest import Rest
    from benchmarks.results import Results
    from benchmarks.sides import Access, MlflowServer


@dataclass(frozen=True)
class Shared:
    """What the parts of a benchmark share until its end, if its plan says so."""

    until_the_end: ExitStack
    copies: dict[Databases, Databases] = field(default_factory=dict)
    """The only copy of each original."""
    servers: dict[tuple[type[MlflowServer], Databases, Access], MlflowServer] = field(default_factory=dict)


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
    shared: Shared

    @contextmanager
    def server(self, side: type[MlflowServer], access: Access = "open") -> Iterator[MlflowServer]:
        """One server on data of its own."""
        with self.setup(access) as setup, self.running(side, setup) as server:
            yield server

    @contextmanager
    def setup(self, access: Access = "open") -> Iterator[Setup]:
        """A fresh copy of the data, for one or more servers."""
        if not self.plan.shares:
            with copied(self.postgres, self.originals) as databases:
                yield Setup(self.plan, databases, self.data, access)
            return
        copies = self.shared.copies
        if self.originals not in copies:
            copy = copied(self.postgres, self.originals)
            copies[self.originals] = self.shared.until_the_end.enter_context(copy)
        yield Setup(self.plan, copies[self.originals], self.data, access)

    @contextmanager
    def running(self, side: type[MlflowServer], setup: Setup) -> Iterator[MlflowServer]:
        """One server with this setup, which asks no directory."""
        if not self.plan.shares:
            with running(side, setup) as server:
                yield server
            return
        servers, key = self.shared.servers, (side, setup.databases, setup.access)
        if key not in servers:
            servers[key] = self.shared.until_the_end.enter_context(running(side, setup))
        yield servers[key]

    def wait_for_rest(self, server: MlflowServer, name: str) -> Rest:
        """Wait until a server has come to rest, and note if it has not."""
        rest = wait_for_rest(server.tree.cpu_seconds, self.plan.quiet_seconds, self.plan.rest_limit)
        if not rest.reached:
            self.results.notes.append(f"{name} was not at rest {self.plan.rest_limit:.0f} s after its start")
        return rest

    def beginning_with(self, databases: Databases) -> Session:
        """The session whose servers begin with what these databases of a setup hold."""
        return self if self.plan.shares else replace(self, originals=databases)


@contextmanager
def session(plan: Plan, report: Callable[[str], None]) -> Iterator[Session]:
    """Start the database and seed it."""
    results = begin(plan)
    with (
        tempfile.TemporaryDirectory(prefix="flowship-benchmark-") as data,
        PostgresServer() as postgres,
        ExitStack() as until_the_end,
    ):
        report("seeding the database")
        originals, subject = seeded(postgres, plan, Path(data))
        yield Session(plan, results, subject, report, postgres, originals, Path(data), Shared(until_the_end))
