"""The commands of the docs are ones that Flowship has, with options and arguments that they take."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from flowship.cli.app import flowship

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("how-to/upgrading.md", "how-to/exporting.md")
COMMANDS = [
    (name, line)
    for name in PAGES
    for block in re.findall(r"^```console\n(.*?)^```", (DOCS / name).read_text(), re.M | re.S)
    for line in block.replace("\\\n", " ").splitlines()
    if line.startswith("flowship ")
]


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[line for _, line in COMMANDS])
def test_a_command_is_understood(page: str, line: str) -> None:
    _, name, *arguments = shlex.split(line)
    command = flowship.get_command(click.Context(flowship), name)

    assert command is not None, page
    with command.make_context(name, arguments, resilient_parsing=False) as context:
        assert not context.args


def test_each_page_shows_some() -> None:
    assert {page for page, _ in COMMANDS} == set(PAGES)
