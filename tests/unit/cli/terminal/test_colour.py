"""Who decides whether there are colours."""

from __future__ import annotations

import pytest

from flowship.cli.terminal.colour import coloured
from tests.unit.cli.running import run


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, None),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, None),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, None),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_the_environment_decides(environ: dict[str, str], wanted: bool | None) -> None:
    assert coloured(environ) is wanted


@pytest.mark.parametrize(("value", "mark"), [("1", "\x1b[31m✗\x1b[0m"), ("", "✗")])
def test_errors_and_results_are_coloured_as_it_says(value: str, mark: str) -> None:
    environ = {"FORCE_COLOR": value, "NO_COLOR": None}

    for words in (["check", "--set", "servise=1"], ["chek"]):
        assert run(*words, environ=environ).stderr.startswith(f"{mark} ")
