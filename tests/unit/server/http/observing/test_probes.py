from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from prometheus_client import CollectorRegistry

from flowship.server.http.observing.probes import Probes
from flowship.server.processes.inner import InnerApp
from flowship.server.reporting.readiness import Readiness
from flowship.server.reporting.state import SharedState
from flowship.status.report import Status, Versions
from tests.unit.server.asgi import Answer, ask, hello

if TYPE_CHECKING:
    from collections.abc import Callable

CAUSE = "db.internal refuses connections on port 5432"


def answers(path: str, *, cause: str | None = None, prefix: str = "", method: str = "GET") -> Answer:
    state = SharedState(1)
    state.set_serving(0, True)
    app = Probes(hello, Readiness(state, lambda: {"database": cause}), prefix)
    return asyncio.run(ask(app, path, method))


def unknown() -> None:
    """Know of no backup."""


def an_hour_ago() -> datetime:
    """Know of one."""
    return datetime.now(UTC) - timedelta(hours=1)


def inner(
    path: str, *, cause: str | None = None, method: str = "GET", last_backup: Callable[[], datetime | None] = unknown
) -> Answer:
    state = SharedState(1)
    state.set_serving(0, True)
    status = Status(versions=Versions(flowship="1", mlflow="3", python="3"), signing_in="none")
    readiness = Readiness(state, lambda: {"database": cause})
    app = InnerApp(readiness, last_backup, CollectorRegistry(), lambda: status)
    return asyncio.run(ask(app, path, method))


@pytest.mark.parametrize("path", ["/health", "/mlflow/health", "/ready", "/mlflow/ready"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_probes_are_answered_with_and_without_the_static_prefix(path: str, method: str) -> None:
    answer = answers(path, prefix="/mlflow", method=method)

    assert (answer.status, answer.body) == (200, b"OK")


@pytest.mark.parametrize(
    ("path", "method"), [("/", "GET"), ("/healthy", "GET"), ("/ready/x", "GET"), ("/ready", "POST")]
)
def test_everything_else_reaches_mlflow(path: str, method: str) -> None:
    assert answers(path, method=method).body == b"hello"


def test_a_process_lives_while_its_database_does_not_answer() -> None:
    assert answers("/health", cause=CAUSE).status == 200
    assert inner("/health", cause=CAUSE).status == 200


def test_the_main_port_does_not_tell_why_the_server_is_not_ready() -> None:
    answer = answers("/ready", cause=CAUSE)

    assert (answer.status, answer.body) == (503, b"not ready")


def test_the_inner_port_tells_which_dependency_fails_and_why() -> None:
    answer = inner("/ready", cause=CAUSE)

    assert answer.status == 503
    assert json.loads(answer.body) == {
        "ready": False,
        "checks": {"stopping": "ok", "workers": "ok", "connections": "ok", "database": CAUSE},
        "last_backup": None,
    }


def test_the_inner_port_tells_how_old_the_last_good_backup_is() -> None:
    told = json.loads(inner("/ready", last_backup=an_hour_ago).body)["last_backup"]

    assert 3600 <= told["age_seconds"] < 3700
    assert datetime.fromisoformat(told["time"]) < datetime.now(UTC)


def test_the_inner_port_says_what_is_there() -> None:
    assert inner("/").status == 404
    assert inner("/").body == b"/health, /ready, /status and /metrics are here"
    assert inner("/metrics", method="POST").status == 405


def test_probes_are_not_kept_by_any_cache() -> None:
    assert (b"cache-control", b"no-store") in answers("/ready").headers


def test_the_inner_port_tells_how_the_server_is() -> None:
    answer = inner("/status")

    assert answer.status == 200
    assert Status.model_validate_json(answer.body).healthy
