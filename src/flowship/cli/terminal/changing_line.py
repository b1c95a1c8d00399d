"""The last line of a terminal, which changes while something goes on: how far it is, or for how long it has lasted."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import click

from flowship.cli.terminal.colour import can_move
from flowship.cli.terminal.lines import noted, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT_FIRST = 2.0
"""Seconds until it is shown for how long a step has lasted; most take less."""
THEN = 1.0
"""Seconds between two changes."""


def is_possible() -> bool:
    """Whether there is a terminal, and one that can go back in a line."""
    return sys.stderr.isatty() and can_move(os.environ)


class ChangingLine:
    """Writes the last line anew, until it is cleared."""

    def __init__(self) -> None:
        self._is_open = False

    def write(self, sentence: str) -> None:
        """Put a sentence into it."""
        click.echo(f"\r\033[K{noted()} {sentence}", nl=False, err=True)
        self._is_open = True

    def clear(self) -> None:
        """Take it away, so that whole lines can follow."""
        if self._is_open:
            click.echo("\r\033[K", nl=False, err=True)
            self._is_open = False


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Give what tells of steps. On a terminal it is shown, below the last one, for how long that has lasted."""
    if not is_possible():
        yield tell
        return
    with _Clock() as clock:
        yield clock.tell


class _Clock:
    """A thread that shows the time since the last step."""

    def __init__(self) -> None:
        self._line = ChangingLine()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()
        self._line.clear()

    def tell(self, sentence: str) -> None:
        """Tell of a step."""
        with self._lock:
            self._line.clear()
            tell(sentence)
            self._began = time.monotonic()

    def _run(self) -> None:
        while not self._over.wait(THEN):
            with self._lock:
                if (lasted := time.monotonic() - self._began) >= AT_FIRST:
                    self._line.write(f"  {lasted:.0f} s")
