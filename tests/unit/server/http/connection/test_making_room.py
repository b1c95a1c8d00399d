from __future__ import annotations

from dataclasses import dataclass

import pytest

from flowship.server.http.connection.making_room import limit_here, limit_of_connections, longest_waiting


@pytest.mark.parametrize(
    ("descriptors", "used", "limit"),
    [(200, 50, 100), (1024, 50, 718), (65_536, 50, 10_000), (1_048_576, 50, 10_000), (64, 50, 1)],
)
def test_a_quarter_of_the_descriptors_is_kept_for_the_rest(descriptors: int, used: int, limit: int) -> None:
    assert limit_of_connections(descriptors, used) == limit


def test_the_limit_here_is_that_of_this_process() -> None:
    assert 1 <= limit_here() <= 10_000


@dataclass
class Connection:
    found: tuple[bool, float] | None

    def waiting(self) -> tuple[bool, float] | None:
        return self.found


def test_who_never_sent_a_request_goes_before_who_waits_longer_between_two() -> None:
    used, idle = Connection(None), Connection((True, 10.0))
    silent, newer = Connection((False, 20.0)), Connection((False, 21.0))

    assert longest_waiting([used, idle, newer, silent], now=30.0) is silent
    assert longest_waiting([used, idle], now=30.0) is idle


def test_nobody_goes_who_is_used_or_new() -> None:
    assert longest_waiting([Connection(None), Connection((False, 29.5))], now=30.0) is None
