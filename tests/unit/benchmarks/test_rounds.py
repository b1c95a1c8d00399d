"""Rounds alternate, and nothing is measured by the first connection alone."""

from __future__ import annotations

import itertools

import pytest

from benchmarks.calls import CALLS, MIX, Caller, Subject, mixed
from benchmarks.growth import growth
from benchmarks.plan import FULL
from benchmarks.rounds import CONTESTANTS, order
from benchmarks.users import User


def test_every_second_round_has_the_opposite_order() -> None:
    assert list(order(0, CONTESTANTS)) == list(CONTESTANTS)
    assert list(order(1, CONTESTANTS)) == list(reversed(CONTESTANTS))


def test_mixed_requests_come_in_their_proportion() -> None:
    caller = Caller(0, Subject("1", ("run",), ("target",), "2", "curve"), FULL)
    hundred = list(itertools.islice(mixed(caller), 100))
    paths = [sent.split(b" ")[1].split(b"?")[0].decode().removeprefix("/api/2.0/mlflow/") for sent in hundred]

    counts = {name: paths.count(name.replace("log-", "runs/log-")) for name in MIX if name != "page"}
    assert counts | {"page": paths.count("/")} == MIX


@pytest.mark.parametrize("call", [*CALLS])
def test_users_ask_in_turn(call: str) -> None:
    users = [User("ann"), User("bob"), User("eve")]
    caller = Caller(1, Subject("1", ("first", "second"), ("target",), "2", "curve"), FULL, users)
    asked = list(itertools.islice(CALLS[call](caller), 6))

    for number, sent in enumerate(asked):
        assert f"Authorization: {users[number % 3].headers['Authorization']}".encode() in sent


def test_growth_is_that_of_the_worker_that_grew_most() -> None:
    assert growth([{1: 100, 2: 200}, {1: 150, 2: 210}, {1: 120, 2: 190}]) == 0.5
    assert growth([{1: 100}, {1: 90}]) < 0
