"""How much is measured: the whole benchmark, or a quick one that only proves that every part of it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The sizes of one benchmark; what is measured is the same in all."""

    rounds: int
    """Runs of each side, alternating; their median is the figure."""
    shares: bool
    """Whether a part asks a server of another part that runs, where its own would be the same: figures are of no use
    then, since servers run beside each other on data that others have changed."""
    workers: int
    """Worker processes of each server."""
    jobs: bool
    """Whether both sides run MLflow's job processes, as is its default."""
    connections: int
    """Kept-alive connections that ask at the same time."""
    load_seconds: float
    """How long one kind of request is sent."""
    warm_up_seconds: float
    """How long it is sent before that, uncounted."""
    quiet_seconds: float
    """A server is at rest when all its processes together used less than 2 % of a core for so long."""
    rest_limit: float
    """Seconds after its first answer in which a server must come to rest."""
    seeded_runs: int
    """Runs in the experiment that is searched."""
    batch: int
    """Metrics in one `log-batch`."""
    history: int
    """Values of the metric whose history is read."""
    page: int
    """Runs that one `runs/search` returns."""
    kill_interval: float
    """Seconds between two workers' ends."""
    drain_delay: int
    """Seconds for which a server that was asked to stop accepts requests: `server.drainDelaySeconds`."""
    upstream_losses: bool
    """Whether the requests that upstream loses are counted too."""
    crowd: int
    """Clients that log at the same time, more than any server has connections to its database."""
    crowd_seconds: float
    """For how long."""
    searched_runs: int
    """Runs of the large experiment that is searched; other experiments have twice as many."""
    searches: int
    """Times that each search of it is sent."""
    users: int
    """Plain users who ask in turn."""
    wrong_tokens_seconds: float
    """For how long wrong tokens are sent."""
    mixed_requests: int
    """Requests under which the memory of workers is watched."""
    mixed_settled: int
    """Requests after which their memory should have settled."""
    moved_metrics: int
    """Metrics in the SQLite file that is moved."""
    moves: int
    """Times that it is moved."""


FULL = Plan(
    rounds=5,
    shares=False,
    workers=4,
    jobs=True,
    connections=16,
    load_seconds=3,
    warm_up_seconds=1,
    quiet_seconds=5,
    rest_limit=120,
    seeded_runs=200,
    batch=100,
    history=1000,
    page=50,
    kill_interval=5,
    drain_delay=5,
    upstream_losses=True,
    crowd=200,
    crowd_seconds=60,
    searched_runs=100_000,
    searches=9,
    users=50,
    wrong_tokens_seconds=10,
    mixed_requests=100_000,
    mixed_settled=10_000,
    moved_metrics=10_000_000,
    moves=3,
)

QUICK = Plan(
    rounds=1,
    shares=True,
    workers=2,
    jobs=False,
    connections=2,
    load_seconds=0.3,
    warm_up_seconds=0.1,
    quiet_seconds=1,
    rest_limit=20,
    seeded_runs=10,
    batch=10,
    history=20,
    page=5,
    kill_interval=1,
    drain_delay=2,
    upstream_losses=False,
    crowd=20,
    crowd_seconds=1,
    searched_runs=300,
    searches=1,
    users=4,
    wrong_tokens_seconds=0.3,
    mixed_requests=300,
    mixed_settled=100,
    moved_metrics=3_000,
    moves=1,
)
