from __future__ import annotations

from flowship.moving.told import Told


def test_what_is_counted_is_told_now_and_then() -> None:
    told: list[str] = []
    often = Told(told.append, pause=0)
    often.step("began")
    often.counted("copying runs", 9, 2)
    often.counted("copying runs", 9, 3)
    often.counted("copying artifacts", 0, 1)

    assert told == ["began", "copying runs: 2 of 9", "copying runs: 5 of 9", "copying artifacts: 1"]


def test_nothing_is_told_in_between() -> None:
    told: list[str] = []
    Told(told.append).counted("copying runs", 9, 2)

    assert told == []
