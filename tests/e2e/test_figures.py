"""Time until ready, memory, requests lost: beside upstream MLflow in what chart 0.16.5 renders, in one run on
PostgreSQL, with one replica and four workers."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.cluster import CommandError, until
from tests.e2e.conftest import S3_ADDRESS
from tests.e2e.loading import under_load

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.cluster import Namespace

CLIENTS = ("fresh", "fresh", "busy", "busy")
VALUES: dict[str, Any] = {
    "backendStore": {
        "existingDatabaseSecret": {"name": "database-login"},
        "postgres": {"enabled": True, "host": "postgres", "database": "mlflow"},
    },
    "artifactRoot": {"s3": {"enabled": True, "bucket": "artifacts", "existingSecret": {"name": "s3-keys"}}},
    "extraEnvVars": {"MLFLOW_S3_ENDPOINT_URL": S3_ADDRESS, "AWS_DEFAULT_REGION": "us-east-1"},
}


@dataclass(frozen=True)
class Figures:
    """Of one side. Seconds and MiB."""

    install: float
    rollout: float
    memory: float
    lost: int

    def __str__(self) -> str:
        return (
            f"ready {self.install:.1f} s, rollout {self.rollout:.1f} s, at rest {self.memory:.0f} MiB, "
            f"{self.lost} requests lost"
        )


def seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def memory(namespace: Namespace, selector: str) -> float:
    """What `kubectl top` says of the only pod, once it has settled; it measures every few seconds."""
    found: list[float] = []

    def settled() -> bool:
        try:
            lines = namespace.kubectl("top", "pod", "--no-headers", "--selector", selector).splitlines()
        except CommandError:  # a new pod is not measured yet
            return False
        if len(lines) == 1:
            found.append(float(lines[0].split()[2].removesuffix("Mi")))
        return len(found) >= 5 and max(found[-4:]) - min(found[-4:]) < 0.02 * found[-1]

    until(settled, "a measured pod", limit=180, pause=5)
    return found[-1]


def measured(namespace: Namespace, name: str, selector: str, install: Callable[[], object]) -> Figures:
    installing = seconds(install)
    rest = memory(namespace, selector)

    def renew() -> None:
        namespace.kubectl("rollout", "restart", f"deployment/{name}")
        namespace.rolled_out(f"deployment/{name}")

    rollout = seconds(renew)
    with under_load(namespace, *CLIENTS, service=name) as outcome:
        renew()
        until(lambda: len(namespace.kubectl("get", "pods", "-l", selector, "-o", "name").split()) == 1, "one pod")
    return Figures(installing, rollout, rest, sum(outcome.failed.values()))


@pytest.fixture(scope="module")
def sides(
    namespace: Namespace, postgres: Callable[[str], str], keys: dict[str, str], request: pytest.FixtureRequest
) -> tuple[Figures, Figures]:
    postgres("CREATE DATABASE upstream")

    def upstream() -> None:
        namespace.apply("upstream.yaml")
        namespace.rolled_out("deployment/upstream")

    theirs = measured(namespace, "upstream", "app=upstream", upstream)
    namespace.kubectl("delete", "deployment", "upstream", "--wait")
    ours = measured(namespace, "mlflow", "app.kubernetes.io/instance=mlflow", lambda: namespace.upgrade(VALUES))
    request.config.get_terminal_writer().write(f"\nupstream: {theirs}\nFlowship: {ours}\n", flush=True)
    return theirs, ours


def test_it_is_ready_in_four_tenths_of_the_time(sides: tuple[Figures, Figures]) -> None:
    theirs, ours = sides

    assert ours.install <= 0.4 * theirs.install
    assert ours.rollout <= 0.4 * theirs.rollout


def test_it_takes_a_fifth_of_the_memory(sides: tuple[Figures, Figures]) -> None:
    theirs, ours = sides

    assert ours.memory <= 0.2 * theirs.memory


def test_it_loses_no_request_in_a_rolling_update(sides: tuple[Figures, Figures]) -> None:
    theirs, ours = sides

    assert ours.lost == 0
    assert theirs.lost > 0, "the load would not notice"
