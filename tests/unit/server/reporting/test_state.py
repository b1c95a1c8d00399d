from __future__ import annotations

import os

from flowship.server.reporting.state import SharedState


def test_workers_that_serve_are_counted() -> None:
    state = SharedState(3)
    assert state.serving == 0

    state.set_serving(0, True)
    state.set_serving(2, True)
    assert state.serving == 2

    state.set_serving(2, False)
    assert state.serving == 1
    assert not state.draining


def test_a_worker_may_serve_and_end_at_once() -> None:
    state = SharedState(2)
    state.set_serving(1, True)
    state.set_ending(1, True)
    assert (state.serving, state.ending) == (1, 1)

    state.set_serving(1, False)
    assert (state.serving, state.ending) == (0, 1)

    state.set_ending(1, False)
    assert state.ending == 0


def test_what_one_process_says_the_others_see() -> None:
    state = SharedState(1)
    generation = state.generations.store
    if not (child := os.fork()):
        state.drain()
        state.set_serving(0, True)
        state.generations.store_changed()
        os._exit(0)
    os.waitpid(child, 0)

    assert state.draining
    assert state.serving == 1
    assert state.generations.store != generation


def test_a_worker_learns_whether_another_one_that_serves_has_fewer_connections() -> None:
    state = SharedState(3)
    state.set_serving(0, True)
    state.set_connections(0, 2)
    assert not state.others_have_fewer(0)  # the other slots have none, but nobody serves there

    state.set_serving(1, True)
    assert state.others_have_fewer(0)
    assert not state.others_have_fewer(1)

    state.set_connections(1, 2)
    assert not state.others_have_fewer(0)


def test_the_server_is_full_when_every_worker_that_serves_is() -> None:
    state = SharedState(3)
    assert not state.full

    state.set_serving(0, True)
    state.set_serving(1, True)
    state.set_full(0, True)
    state.set_full(2, True)
    assert not state.full

    state.set_full(1, True)
    assert state.full

    state.set_full(0, False)
    assert not state.full
