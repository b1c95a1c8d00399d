"""What is compared, and which ratio each figure must reach: bars as data, and their verdicts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from benchmarks import crowd, fasttrackml, growth, loss, moving, rounds, searches, signing_in, with_users
from benchmarks.calls import CALLS
from benchmarks.medians import Summary, is_tie, ratio
from benchmarks.sides import Flowship, Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.results import Results

Unit = Literal["s", "CPU s", "CPU ms", "CPU µs", "MB", "/s", "requests", "%", "times"]
PARITY = 1.0
"""The only bar that a tie meets."""


class Verdict(StrEnum):
    """What a comparison came to."""

    MET = "met"
    TIE = "met (tie)"
    MISSED = "MISSED"
    REPORTED = "reported"
    MISSING = "not measured"


@dataclass(frozen=True)
class Limit:
    """The bar: a ratio to the one it is compared with, or an amount."""

    kind: Literal["at most", "at least"]
    value: float

    def holds(self, found: float) -> bool:
        return found <= self.value if self.kind == "at most" else found >= self.value


@dataclass(frozen=True)
class Bar:
    """One line of the table."""

    title: str
    measure: str
    unit: Unit
    ours: str
    """The contestant whose samples are judged."""
    theirs: str = ""
    """The one it is compared with; empty when the amount itself is judged."""
    limit: Limit | None = None
    """None when it is only reported."""


@dataclass(frozen=True)
class Judged:
    """A bar with what was found."""

    bar: Bar
    ours: Summary | None
    theirs: Summary | None
    verdict: Verdict

    @property
    def ratio(self) -> float | None:
        """Ours as a multiple of theirs."""
        if self.ours is None or self.theirs is None or not self.theirs.median or not self.bar.theirs:
            return None
        return ratio(self.ours, self.theirs)


def _start() -> Iterator[Bar]:
    sides = {"ours": rounds.FLOWSHIP, "theirs": rounds.MLFLOW}
    yield Bar("Time to the first answer", rounds.FIRST_ANSWER, "s", **sides, limit=Limit("at most", 0.30))
    yield Bar("Processor time until at rest", rounds.CPU, "CPU s", **sides, limit=Limit("at most", 0.12))
    yield Bar("Memory at rest (PSS)", rounds.MEMORY, "MB", **sides, limit=Limit("at most", 0.20))


FASTER = {
    "log-metric": 10,
    "log-batch": 6,
    "runs/search": 8,
    "runs/get": 8,
    "metrics/get-history": 8,
    "experiments/get-by-name": 8,
    "v1/traces": 5,
}
"""How many times as many requests a second Flowship answers as MLflow."""
WITH_USERS = Limit("at least", 0.9)
"""What users may cost, against the same server without any."""


def _throughput() -> Iterator[Bar]:
    for call, times in FASTER.items():
        yield Bar(f"{call}, no auth", call, "/s", rounds.FLOWSHIP, rounds.MLFLOW, Limit("at least", times))
    for call in CALLS:
        measure = rounds.processor_time(call)
        yield Bar(f"{call}, processor time of a request", measure, "CPU ms", rounds.FLOWSHIP, rounds.MLFLOW)
    for call in CALLS:
        yield Bar(f"{call}, basic auth, admin, in both", call, "/s", rounds.FLOWSHIP_ADMIN, rounds.MLFLOW_ADMIN)


def _with_users() -> Iterator[Bar]:
    against = (
        ("basic auth, admin", rounds.FLOWSHIP_ADMIN, WITH_USERS),
        ("basic auth, plain users", with_users.FLOWSHIP_PLAIN, WITH_USERS),
        ("LDAP", with_users.FLOWSHIP_LDAP, WITH_USERS),
        ("LDAP asked in each request", with_users.FLOWSHIP_ASKING, None),
    )
    for suffix, ours, limit in against:
        for call, measure in with_users.MEASURES.items():
            yield Bar(f"{call}, {suffix}; left: Flowship without", measure, "/s", ours, rounds.FLOWSHIP, limit)


KNOWN = Limit("at least", 0.95)
"""What a session or a token may cost, against a password that is remembered."""
UNDISTURBED = Limit("at most", 1.25)
"""How much longer a right token may take while ten thousand wrong ones come in a minute."""


def _signing_in() -> Iterator[Bar]:
    for ours in (signing_in.SESSION, signing_in.TOKEN):
        for call, measure in signing_in.MEASURES.items():
            title = f"{call}, {ours}; left: by a remembered password"
            yield Bar(title, measure, "/s", ours, signing_in.PASSWORD, KNOWN)
            time = rounds.processor_time(measure)
            yield Bar(f"{call}, {ours}, processor time of a request", time, "CPU ms", ours, signing_in.PASSWORD)
    title = "runs/get by a right token, beside 10,000 wrong ones a minute; left: alone"
    yield Bar(title, signing_in.WRONG, "s", signing_in.BESIDE, signing_in.ALONE, UNDISTURBED)


def _rival() -> Iterator[Bar]:
    for call, measure in fasttrackml.MEASURES.items():
        title = f"{call}; left: FastTrackML"
        yield Bar(title, measure, "/s", rounds.FLOWSHIP, fasttrackml.FASTTRACKML, Limit("at least", PARITY))


def _crowd() -> Iterator[Bar]:
    for database in crowd.DATABASES:
        title = f"log-batch of a crowd, {database}: slowest hundredth against the median"
        yield Bar(title, crowd.slowest(database), "times", rounds.FLOWSHIP, limit=Limit("at most", 5))


PATIENCE = {
    "first page": 0.1,
    "page 50": 0.1,
    "ordered by a metric": 0.25,
    "filtered by metric and param": 0.25,
}
"""Of the time that MLflow takes for a page of a large experiment, as much as Flowship may take."""


def _searches() -> Iterator[Bar]:
    for search, share in PATIENCE.items():
        title = f"runs/search in an experiment of 100,000 runs, {search}"
        yield Bar(title, searches.MEASURES[search], "s", rounds.FLOWSHIP, rounds.MLFLOW, Limit("at most", share))


def _loss() -> Iterator[Bar]:
    none = Limit("at most", 0)
    yield Bar("Lost while workers end", loss.WORKERS_END, "requests", Flowship.label, limit=none)
    yield Bar("Lost while a server stops", loss.SERVER_STOPS, "requests", Flowship.label, limit=none)


def _memory() -> Iterator[Bar]:
    yield Bar("Growth of a worker", growth.GROWTH, "%", Flowship.label, limit=Limit("at most", 0.15))


def _moving() -> Iterator[Bar]:
    enough = Limit("at least", 50_000)
    yield Bar("Metrics moved from SQLite to PostgreSQL", moving.SPEED, "/s", Flowship.label, limit=enough)
    yield Bar("A moved metric, processor time of `flowship move`", moving.OURS, "CPU µs", Flowship.label)
    yield Bar("A moved metric, processor time of PostgreSQL", moving.THEIRS, "CPU µs", Flowship.label)
    yield Bar("Growth of `flowship move`", moving.GROWTH, "%", Flowship.label, limit=Limit("at most", 0.15))


PARTS: Mapping[str, Sequence[Bar]] = {
    "start": [*_start()],
    "throughput": [*_throughput()],
    "fasttrackml": [*_rival()],
    "users": [*_with_users()],
    "signing-in": [*_signing_in()],
    "crowd": [*_crowd()],
    "searches": [*_searches()],
    "loss": [*_loss()],
    "memory": [*_memory()],
    "moving": [*_moving()],
}
"""The lines of the table, by the part of the benchmark that measures them."""

BARS = tuple(itertools.chain.from_iterable(PARTS.values()))

BESIDE = {loss.WORKERS_END: Upstream.label, loss.SERVER_STOPS: Upstream.label}
"""What upstream does in figures whose bar is an amount: shown, not compared."""


def judge(bar: Bar, results: Results) -> Judged:
    """The verdict on one bar."""
    ours = results.summary(bar.measure, bar.ours)
    theirs = results.summary(bar.measure, bar.theirs or BESIDE.get(bar.measure, ""))
    return Judged(bar, ours, theirs, _verdict(bar, ours, theirs))


def _verdict(bar: Bar, ours: Summary | None, theirs: Summary | None) -> Verdict:
    if ours is None or (bar.theirs and theirs is None):
        return Verdict.MISSING
    if bar.limit is None:
        return Verdict.REPORTED
    if not bar.theirs:
        return Verdict.MET if bar.limit.holds(ours.median) else Verdict.MISSED
    assert theirs is not None
    if bar.limit.value == PARITY and is_tie(ours, theirs):
        return Verdict.TIE
    return Verdict.MET if bar.limit.holds(ratio(ours, theirs)) else Verdict.MISSED


def judged(results: Results) -> list[Judged]:
    """All bars that anything was measured for."""
    found = [judge(bar, results) for bar in BARS]
    return [one for one in found if one.verdict is not Verdict.MISSING]
