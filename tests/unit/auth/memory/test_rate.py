from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.memory import rate
from flowship.auth.memory.rate import Rate

if TYPE_CHECKING:
    import pytest

    from tests.unit.auth.clock import Clock


def test_who_does_too_much_waits_and_others_do_not(clock: Clock) -> None:
    found = Rate(3, 60, clock)
    assert [found.begin("a") for _ in range(5)] == [0, 0, 0, 60, 60]
    clock.now += 0.5

    assert (found.begin("a"), found.begin("b")) == (60, 0)
    clock.now += 59.5
    assert [found.begin("a") for _ in range(4)] == [0, 0, 0, 60]


def test_whoever_has_many_networks_cannot_fill_the_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "SIZE", 2)
    found = Rate(1, 60, clock)
    for network in "abc":
        assert found.begin(network) == 0

    assert (found.begin("c"), found.begin("a")) == (60, 0)
