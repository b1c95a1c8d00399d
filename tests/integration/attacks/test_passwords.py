"""Passwords as a weapon: guesses cost the server little, its users nothing, and tell nobody which names exist."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.flowship import Running
from tests.integration.server.asking import SEARCH, ask, basic, connect, workers
from tests.integration.servers.process import family
from tests.integration.users import attacked

if TYPE_CHECKING:
    from collections.abc import Iterator

API = "/api/2.0/mlflow"
ADA = ("ada", "ada's first password")
NAMES = [f"user{number}" for number in range(4)]
GUESSES = 12
"""Each costs 32 MiB while it is calculated; a server that calculates all at once takes 384."""
MEBIBYTE = 1 << 20
LIMIT = 120.0
"""Seconds for the last of the guesses, one after the other on a busy machine."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Two workers that have a known password verified again after each second."""
    users = [(name, ADA[1]) for name in (ADA[0], *NAMES)]
    data = tmp_path_factory.mktemp("passwords") / "data"
    with attacked(data, *users, values={"extraArgs": {"workers": 2}}, cacheTtlSeconds=1) as server:
        workers(server, 2)
        assert {status(server, *ADA) for _ in range(10)} == {200}
        yield server


def status(server: Running, name: str, password: str) -> int:
    return ask(server.address, SEARCH, headers=basic(name, password)).status


def seconds(server: Running, name: str, password: str) -> float:
    began = time.monotonic()
    assert status(server, name, password) == 401
    return time.monotonic() - began


def memory(server: Running) -> int:
    """Bytes of all processes; what several share counts once."""
    found = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in family(server.main_pid)]
    return sum(int(line.split()[1]) for text in found for line in text.splitlines() if line.startswith("Pss:")) * 1024


def test_guesses_take_little_memory_and_hold_up_nobody_who_was_right_before(server: Running) -> None:
    before = memory(server)
    with ThreadPoolExecutor(GUESSES) as pool:
        together = threading.Barrier(GUESSES)

        def guess(number: int) -> int:
            together.wait()
            with closing(connect(server.address, LIMIT)) as connection:
                return ask(connection, SEARCH, headers=basic(f"made up {number}", "a guess")).status

        guesses: list[Future[int]] = [pool.submit(guess, number) for number in range(GUESSES)]
        peak, during = before, list[int]()
        while not all(each.done() for each in guesses):
            during.append(status(server, *ADA))
            peak = max(peak, memory(server))

        assert {each.result(LIMIT) for each in guesses} == {401}

    assert during.count(200) == len(during)
    assert len(during) > 3  # whoever waits for the guesses comes in once, after all of them
    assert peak - before < 250 * MEBIBYTE


def test_a_name_that_nobody_has_takes_as_long_as_a_wrong_password(server: Running) -> None:
    known, unknown = list[float](), list[float]()
    for name in NAMES:
        known.append(seconds(server, name, "a guess"))
        unknown.append(seconds(server, f"not {name}", "a guess"))

    assert 0.25 < statistics.median(known) / statistics.median(unknown) < 4


def test_a_name_that_nobody_has_is_slowed_down_like_one_that_somebody_has(server: Running) -> None:
    def tried(name: str) -> list[int]:
        """What is said to guesses that one worker gets, until it says something else."""
        found = [status(server, name, f"guess {number}") for number in range(16)]
        return sorted(set(found))

    assert tried(NAMES[0]) == tried("nobody at all") == [401, 429]
