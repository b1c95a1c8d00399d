from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from typing import Self

import pytest

from flowship.cli.data.moving import Shown
from flowship.cli.terminal import changing_line
from flowship.cli.terminal.changing_line import steps

LIMIT = 60.0


class Terminal:
    """A terminal, and what was written to it."""

    def __init__(self) -> None:
        self._reads, writes = pty.openpty()
        self.stderr = os.fdopen(writes, "w", buffering=1)
        self.text = ""

    def __enter__(self) -> Self:
        self._before, sys.stderr = sys.stderr, self.stderr
        return self

    def __exit__(self, *exception: object) -> None:
        sys.stderr = self._before
        self.stderr.close()
        os.close(self._reads)

    def until(self, text: str) -> None:
        while text not in self.text:
            assert select.select([self._reads], [], [], LIMIT)[0], self.text
            self.text += os.read(self._reads, 4096).decode()


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def plain_text(text: str) -> str:
    """Without colours."""
    return re.sub(r"\033\[\d+m", "", text)


def test_on_a_terminal_a_step_shows_for_how_long_it_has_lasted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing_line, "THEN", 0.01)
    with Terminal() as terminal, steps() as report:
        report("migrating")
        terminal.until("  2 s")
        report("done")
        terminal.until("done\r\n")

    before, _, after = plain_text(terminal.text).partition("  2 s")
    assert before.startswith("• migrating\r\n")
    assert "\r\033[K• done" in after


def test_a_step_that_is_soon_over_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing_line, "THEN", 0.001)
    monkeypatch.setattr(changing_line, "AT_FIRST", 3_600.0)
    with Terminal() as terminal:
        with steps() as report:
            report("one")
            time.sleep(0.05)  # in which the clock looks many times
            report("two")
        terminal.until("two\r\n")

    assert plain_text(terminal.text) == "• one\r\n• two\r\n"


def test_what_is_counted_takes_its_line_away_in_the_end() -> None:
    with Terminal() as terminal:
        with Shown() as shown:
            shown.far("rows: 10 of 20")
            terminal.until("rows: 10 of 20")
        shown.step("done")
        terminal.until("done\r\n")

    assert plain_text(terminal.text) == "\r\033[K• rows: 10 of 20\r\033[K• done\r\n"


@pytest.mark.parametrize("term", ["dumb", "emacs"])
def test_a_terminal_that_cannot_go_back_gets_whole_lines_only(term: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", term)
    with Terminal() as terminal:
        assert not changing_line.is_possible()
        with steps() as report:
            report("waiting")
        terminal.until("waiting\r\n")

    assert "\033[K" not in terminal.text


def test_what_is_piped_gets_whole_lines_only(capsys: pytest.CaptureFixture[str]) -> None:
    with steps() as report:
        report("waiting")

    assert capsys.readouterr().err == "• waiting\n"
