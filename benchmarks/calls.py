"""The requests that are measured, as MLflow's own client sends them."""

from __future__ import annotations

import itertools
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.http1 import protobuf_request, request
from benchmarks.spans import PATH, agents_trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.plan import Plan
    from benchmarks.users import Sender

API = "/api/2.0/mlflow"
SEARCHED = "searched"
"""The name of the experiment that is searched."""
_steps = itertools.count()


@dataclass(frozen=True)
class Subject:
    """What the seeded database holds."""

    experiment: str
    """The experiment that is searched, whose runs have parameters, metrics and tags."""
    runs: tuple[str, ...]
    """Its runs."""
    written: tuple[str, ...]
    """Runs of another experiment, one for each connection, which metrics are logged to."""
    written_experiment: str
    """The experiment of those."""
    curve: str
    """A run in it whose metric `curve` has the plan's number of values."""


@dataclass(frozen=True)
class Caller:
    """One of the connections that ask at the same time."""

    number: int
    subject: Subject
    plan: Plan
    users: Sequence[Sender | None] = (None,)
    """In whose name it asks, in turn; None is nobody's."""

    @property
    def run(self) -> str:
        return self.subject.written[self.number % len(self.subject.written)]


def log_metric(caller: Caller) -> Iterator[bytes]:
    """One value of one metric, again and again, as a training loop does."""
    for user in itertools.cycle(caller.users):
        yield request("POST", f"{API}/runs/log-metric", {"run_id": caller.run, **_metric("loss")}, user)


def log_batch(caller: Caller) -> Iterator[bytes]:
    """Many metrics at once."""
    for user in itertools.cycle(caller.users):
        metrics = [_metric(f"metric-{number}") for number in range(caller.plan.batch)]
        yield request("POST", f"{API}/runs/log-batch", {"run_id": caller.run, "metrics": metrics}, user)


def search_runs(caller: Caller) -> Iterator[bytes]:
    """The newest runs of an experiment, as the UI's table of runs does."""
    question = {"experiment_ids": [caller.subject.experiment], "max_results": caller.plan.page}
    return itertools.cycle([request("POST", f"{API}/runs/search", question, user) for user in caller.users])


def get_run(caller: Caller) -> Iterator[bytes]:
    """One run after the other."""
    runs = caller.subject.runs[caller.number :] + caller.subject.runs[: caller.number]
    turns = zip(itertools.cycle(runs), itertools.cycle(caller.users), strict=False)
    lap = itertools.islice(turns, math.lcm(len(runs), len(caller.users)))
    return itertools.cycle([request("GET", f"{API}/runs/get?run_id={run}", None, user) for run, user in lap])


def get_history(caller: Caller) -> Iterator[bytes]:
    """All values of one metric, as the UI's chart of a run does."""
    path = f"{API}/metrics/get-history?run_id={caller.subject.curve}&metric_key=curve"
    return itertools.cycle([request("GET", path, None, user) for user in caller.users])


def get_experiment(caller: Caller) -> Iterator[bytes]:
    """One experiment by its name, as each script that sets its experiment does."""
    path = f"{API}/experiments/get-by-name?experiment_name={SEARCHED}"
    return itertools.cycle([request("GET", path, None, user) for user in caller.users])


def send_traces(caller: Caller) -> Iterator[bytes]:
    """A trace of an agent, with all of its spans at once, as OpenTelemetry's exporters send it."""
    trace = agents_trace()
    for user in itertools.cycle(caller.users):
        yield protobuf_request(PATH, trace(), {"x-mlflow-experiment-id": caller.subject.written_experiment}, user)


CALLS: dict[str, Callable[[Caller], Iterator[bytes]]] = {
    "log-metric": log_metric,
    "log-batch": log_batch,
    "runs/search": search_runs,
    "runs/get": get_run,
    "metrics/get-history": get_history,
    "experiments/get-by-name": get_experiment,
    "v1/traces": send_traces,
}

MIX = {"log-metric": 60, "runs/get": 20, "page": 17, "runs/search": 2, "log-batch": 1}
"""Of a hundred mixed requests; `page` is the page of the UI."""


def mixed(caller: Caller) -> Iterator[bytes]:
    """All kinds, in the proportion in which training and looking on make them, evenly spread."""
    kinds = {name: call(caller) for name, call in CALLS.items()}
    kinds["page"] = itertools.cycle([request("GET", "/", None, user) for user in caller.users])
    shares = [((number + 0.5) / count, name) for name, count in MIX.items() for number in range(count)]
    for _, name in itertools.cycle(sorted(shares)):
        yield next(kinds[name])


def _metric(key: str) -> dict[str, Any]:
    return {"key": key, "value": 0.5, "timestamp": int(time.time() * 1000), "step": next(_steps)}
