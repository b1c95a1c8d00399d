from __future__ import annotations

import pytest

from flowship.server.http.observing.draining import Draining
from flowship.server.reporting.state import SharedState

START = {"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]}


@pytest.fixture
def state() -> SharedState:
    return SharedState(1)


def test_connections_are_kept_while_the_server_runs(state: SharedState) -> None:
    assert Draining(state).marked(START) == START


def test_connections_end_when_the_server_does(state: SharedState) -> None:
    draining = Draining(state)
    state.drain()

    assert draining.marked(START)["headers"] == [(b"a", b"b"), (b"connection", b"close")]
    assert draining.server


def test_connections_end_when_their_worker_does_and_the_server_stays(state: SharedState) -> None:
    draining, other = Draining(state), Draining(state)
    draining.begin()

    assert draining.marked(START)["headers"] == [(b"a", b"b"), (b"connection", b"close")]
    assert not draining.server
    assert other.marked(START) == START
