"""Fifty writers on PostgreSQL: each value is there once, and what was answered 200 is kept whatever ends then."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPException
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.flowship import Running, running
from tests.integration.server.asking import ask, connect, eventually, workers
from tests.integration.server.writers import API, post
from tests.integration.servers.postgres import PostgresServer
from tests.integration.servers.relay import Relay
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRITERS = 50
PATIENCE = 300.0
"""Seconds for one answer while everything waits for a database that was away."""


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    """A server that these tests may stop."""
    with PostgresServer() as started:
        yield started


@pytest.fixture(scope="module")
def network(database: PostgresServer) -> Iterator[Relay]:
    """The way from Flowship to the database."""
    with Relay(database.port) as relay:
        yield relay


@pytest.fixture(scope="module")
def server(database: PostgresServer, network: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    there = replace(database_with_tables(database), port=network.port)
    values = {"backendStore": {"postgres": there.section()}, "extraArgs": {"workers": 2}}
    with running(values, data=tmp_path_factory.mktemp("losses") / "data") as started:
        yield started


def new_run(server: Running) -> str:
    return str(json.loads(post(server.address, "runs/create", {"experiment_id": "0"}).text)["run"]["info"]["run_id"])


def found(server: Running, path: str) -> Any:
    answer = ask(server.address, f"{API}/{path}")
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def logged(server: Running, run: str) -> tuple[list[int], int]:
    """The values of the run's metric in order, and its latest."""
    points = found(server, f"metrics/get-history?run_id={run}&metric_key=loss")["metrics"]
    (latest,) = found(server, f"runs/get?run_id={run}")["run"]["data"]["metrics"]
    return sorted(point["step"] for point in points), latest["step"]


class Writers:
    """Clients that log one value after the other, and know which were answered."""

    def __init__(self, server: Running, runs: list[str]) -> None:
        self._server = server
        self._runs = runs
        self._stopped = threading.Event()
        self.kept: defaultdict[str, list[int]] = defaultdict(list)
        self.lost = 0
        """Requests that were not answered 200."""

    @property
    def answered(self) -> int:
        return sum(map(len, self.kept.values()))

    def more(self, number: int) -> None:
        """Wait until so many more values are kept."""
        before = self.answered
        eventually(lambda: self.answered >= before + number, PATIENCE)

    @contextmanager
    def writing(self, steps: int | None = None) -> Iterator[None]:
        """Write beside what is done here; with a number of steps, each client so many values."""
        with ThreadPoolExecutor(WRITERS) as clients:
            done = [clients.submit(self._write, number, steps) for number in range(WRITERS)]
            try:
                yield
            finally:
                if steps is None:
                    self._stopped.set()
        for each in done:
            each.result()

    def _write(self, number: int, steps: int | None) -> None:
        run = self._runs[number % len(self._runs)]
        first = number * 1_000_000
        with closing(connect(self._server.address, PATIENCE)) as connection:
            for step in count(first) if steps is None else range(first, first + steps):
                if self._stopped.is_set():
                    return
                body = {"run_id": run, "key": "loss", "value": step, "timestamp": 1, "step": step}
                try:
                    status = ask(connection, f"{API}/runs/log-metric", method="POST", body=body).status
                except (OSError, HTTPException):  # the next request opens it again
                    status = 0
                if status == HTTPStatus.OK:
                    self.kept[run].append(step)
                else:
                    self.lost += 1


@pytest.mark.parametrize("runs", [1, WRITERS])
def test_what_fifty_write_is_there_once(server: Running, runs: int) -> None:
    writers = Writers(server, [new_run(server) for _ in range(runs)])

    with writers.writing(steps=8):
        pass

    assert (writers.answered, writers.lost) == (8 * WRITERS, 0)
    for run, kept in writers.kept.items():
        assert logged(server, run) == (sorted(kept), max(kept))


@contextmanager
def killed_worker(server: Running, database: PostgresServer, network: Relay) -> Iterator[None]:
    os.kill(workers(server, 2).pop(), signal.SIGKILL)
    yield


@contextmanager
def stopped_database(server: Running, database: PostgresServer, network: Relay) -> Iterator[None]:
    database.stop()
    yield
    database.start()


@contextmanager
def cut_network(server: Running, database: PostgresServer, network: Relay) -> Iterator[None]:
    network.cut()
    yield
    network.mend()


@pytest.mark.parametrize("end", [killed_worker, stopped_database, cut_network])
def test_what_was_answered_is_kept_whatever_ends(
    server: Running,
    database: PostgresServer,
    network: Relay,
    end: Callable[[Running, PostgresServer, Relay], AbstractContextManager[None]],
) -> None:
    writers = Writers(server, [new_run(server) for _ in range(5)])

    with writers.writing():
        writers.more(200)
        with end(server, database, network):
            eventually(lambda: writers.lost, PATIENCE)
        writers.more(200)

    for run, kept in writers.kept.items():
        steps, latest = logged(server, run)
        assert len(steps) == len(set(steps))
        assert set(kept) <= set(steps)
        assert latest == max(steps)
