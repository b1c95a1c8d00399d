from __future__ import annotations

from flowship.until import until


def test_it_asks_until_it_holds() -> None:
    answers = iter([False, False, True])

    assert until(lambda: next(answers), every=0)


def test_it_asks_once_at_least_and_gives_up_after_its_limit() -> None:
    asked = []

    def holds() -> bool:
        asked.append(True)
        return False

    assert not until(holds, every=0, limit=0)
    assert asked
