from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from flowship.server.processes import companion as module
from flowship.server.processes.companion import Companion


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def append(path: Path) -> None:
    with path.open("a") as file:
        file.write("x")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.0)


@pytest.fixture
def sleeper() -> Iterator[Companion]:
    companion = Companion("sleeper", partial(time.sleep, 60))
    companion.keep()
    yield companion
    companion.end(signal.SIGKILL)
    assert within(10, lambda: not companion.running())


def test_one_that_ended_is_started_again(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    companion = Companion("short", partial(append, runs))

    def ran_twice() -> bool:
        companion.keep()
        return runs.exists() and len(runs.read_text()) >= 2

    assert within(20, ran_twice)
    assert within(10, lambda: not companion.running())


def test_one_that_runs_is_left_alone(sleeper: Companion) -> None:
    first = sleeper._child
    sleeper.keep()

    assert sleeper.running()
    assert sleeper._child is first


def test_one_that_shall_run_once_is_done_when_it_succeeds(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    companion = Companion("once", partial(append, runs), once=True)
    for _ in range(3):
        companion.keep()
        assert within(10, lambda: not companion.running())

    assert runs.read_text() == "x"


def test_one_that_shall_run_once_is_tried_again_when_it_fails(tmp_path: Path) -> None:
    runs = tmp_path / "runs"

    def fail_first() -> None:
        append(runs)
        if runs.read_text() == "x":
            raise SystemExit(1)

    companion = Companion("once", fail_first, once=True)
    for _ in range(4):
        companion.keep()
        assert within(10, lambda: not companion.running())

    assert runs.read_text() == "xx"


def test_it_ends_when_it_is_asked(sleeper: Companion) -> None:
    sleeper.end()

    assert within(10, lambda: not sleeper.running())
