"""Memory of answers about what clients send, which no client can fill with long texts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 256
"""Bytes of the longest text that is remembered; about a longer one the question is asked each time."""

SURELY_SHORT = LONGEST // 4
"""Characters, all texts together: none of them takes more than four bytes."""

Answer = TypeVar("Answer")


def remember_short(asked: Callable[..., Answer], size: int) -> Callable[..., Answer]:
    """Remember what a question about texts was answered: asked once for each of the last `size` short ones."""
    remembered = lru_cache(size)(asked)

    def answer(*texts: str) -> Answer:
        are_short = sum(map(len, texts)) <= SURELY_SHORT or all(map(_is_short, texts))
        return remembered(*texts) if are_short else asked(*texts)

    return answer


def _is_short(text: str) -> bool:
    return len(text) * (1 if text.isascii() else 4) <= LONGEST
