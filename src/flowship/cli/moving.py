"""How far a move is, on a terminal in one line that changes, and elsewhere in a line now and then."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

import click

from flowship.cli.options import progress

ON_A_TERMINAL = 0.2
ELSEWHERE = 30.0
"""Seconds between two lines."""


class Shown:
    """Shows steps, and how many rows are done."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._last = time.monotonic()
        self._table = ""
        self._done = 0
        self._open = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._close()

    def step(self, sentence: str) -> None:
        """Show a step that was done, or a cause of waiting."""
        self._close()
        progress(sentence)

    def counted(self, doing: str, table: str, total: int, more: int) -> None:
        """Show that some more rows of a table are done."""
        self._done = self._done + more if self._table == f"{doing} {table}" else more
        self._table = f"{doing} {table}"
        now = time.monotonic()
        if self._quiet or now - self._last < (ON_A_TERMINAL if self._terminal else ELSEWHERE):
            return
        self._last = now
        sentence = f"{self._table}: {self._done} of {total} rows"
        if self._terminal:
            click.echo(f"\r\033[K• {sentence}", nl=False, err=True)
            self._open = True
        else:
            progress(sentence)

    def _close(self) -> None:
        if self._open:
            click.echo("\r\033[K", nl=False, err=True)
            self._open = False
