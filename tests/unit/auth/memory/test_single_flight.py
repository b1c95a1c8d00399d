from __future__ import annotations

import asyncio

import pytest

from flowship.auth.memory.single_flight import SingleFlight


def test_one_question_is_asked_for_all_who_ask_meanwhile_and_again_afterwards() -> None:
    asked: list[str] = []

    async def several() -> list[tuple[int, bool]]:
        flight = SingleFlight[int]()

        async def question() -> int:
            asked.append("a")
            await asyncio.sleep(0)
            return len(asked)

        found = await asyncio.gather(*(flight.ask("a", question) for _ in range(3)))
        return [*found, await flight.ask("a", question)]

    assert asyncio.run(several()) == [(1, True), (1, False), (1, False), (2, True)]


def test_a_failure_is_everybodys_and_is_not_kept() -> None:
    async def several() -> None:
        flight = SingleFlight[int]()

        async def question() -> int:
            await asyncio.sleep(0)
            raise ZeroDivisionError

        found = await asyncio.gather(*(flight.ask("a", question) for _ in range(2)), return_exceptions=True)
        assert [type(each) for each in found] == [ZeroDivisionError] * 2
        with pytest.raises(ZeroDivisionError):
            await flight.ask("a", question)

    asyncio.run(several())
