"""How far a move is, on a terminal in one line that changes, and elsewhere in a line now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from flowship.cli.terminal.changing_line import ChangingLine, is_possible
from flowship.cli.terminal.lines import tell
from flowship.moving.told import SELDOM, Told

if TYPE_CHECKING:
    from types import TracebackType

ON_A_TERMINAL = 0.2
"""Seconds between two changes of the line."""


class Shown(Told):
    """Shows steps, and how far it is."""

    def __init__(self) -> None:
        self._terminal = is_possible()
        self._line = ChangingLine()
        super().__init__(tell, ON_A_TERMINAL if self._terminal else SELDOM)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._line.clear()

    def step(self, sentence: str) -> None:
        self._line.clear()
        super().step(sentence)

    def far(self, sentence: str) -> None:
        if self._terminal:
            self._line.write(sentence)
        else:
            super().far(sentence)
