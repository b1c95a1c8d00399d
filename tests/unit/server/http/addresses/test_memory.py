from __future__ import annotations

import pytest

from flowship.server.http.addresses.memory import LONGEST, remember_short


class Question:
    """Answers with how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, *texts: str) -> int:
        self.asked.append(texts[-1])
        return len(self.asked)


@pytest.fixture
def question() -> Question:
    return Question()


def test_a_question_is_asked_once_for_a_short_text(question: Question) -> None:
    remembered = remember_short(question, 2)

    assert [remembered(text) for text in ("a", "b", "a", "c", "a", "b")] == [1, 2, 1, 3, 1, 4]


@pytest.mark.parametrize("text", ["a" * (LONGEST + 1), "ä" * (LONGEST // 2)])
def test_a_long_text_is_not_kept(question: Question, text: str) -> None:
    remembered = remember_short(question, 10)

    assert remembered("GET", text)
    assert remembered("GET", text)
    assert question.asked == [text, text]


def test_the_longest_short_text_is_kept(question: Question) -> None:
    remembered = remember_short(question, 10)
    for _ in range(2):
        remembered("a" * LONGEST)

    assert len(question.asked) == 1
