"""The commands of the docs are ones that Flowship has, with options and arguments that they take."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from flowship.cli.app import flowship
from tests.markdown import blocks

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINE = re.compile(
    r"^(?:\$ )?(?:\w+=\S* )*(?:ExecStart=)?(?:[\d*]+ [\d*]+ \* \* \* flowship )?(?:/\S*/)?flowship (.+)$", re.M
)
"""A line of a shell, of a unit of systemd or of cron."""


def commands(page: Path) -> list[str]:
    """What follows `flowship` in the blocks of code of a page."""
    shown = blocks(page.read_text(), "console", "ini", "text", "cron")
    lines = [found for block in shown for found in LINE.findall(block.replace("\\\n", " "))]
    return [line for line in lines if not re.search(r"^-|\[|COMMAND", line)]


COMMANDS = dict.fromkeys((page, line) for page in PAGES for line in commands(page))


@pytest.mark.parametrize(("page", "line"), COMMANDS, ids=[line for _, line in COMMANDS])
def test_a_command_is_understood(page: Path, line: str) -> None:
    arguments = shlex.split(re.split(r" [|<>] ", line)[0], comments=True)
    command: click.Command = flowship
    context = click.Context(command, info_name="flowship")
    while isinstance(command, click.Group) and arguments:
        found = command.get_command(context, arguments[0])
        assert found is not None, page
        command, context = found, click.Context(found, info_name=arguments.pop(0), parent=context)

    with command.make_context("", arguments, parent=context.parent, resilient_parsing=False) as made:
        assert not made.args


def test_pages_show_commands() -> None:
    shown = {page.name for page, _ in COMMANDS}

    assert shown >= {
        "README.md",
        "upgrading.md",
        "exporting.md",
        "virtual-machine.md",
        "laptop-to-cluster.md",
        "users.md",
    }
