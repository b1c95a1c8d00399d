"""What somebody probably meant who wrote a word that there is not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Give a question that names the nearest of the words there are, with a space before it; empty if none is near."""
    near = get_close_matches(str(word), list(known), n=1)
    return f" Did you mean {near[0]}?" if near else ""
