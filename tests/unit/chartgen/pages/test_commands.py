"""The page of the commands says what their help says, in Markdown."""

from __future__ import annotations

import click

from chartgen.pages.commands import commands_page, tree
from flowship.cli.app import flowship


@click.group()
def tool() -> None:
    """Do things."""


for name in "abcde":

    @tool.command(name, short_help=f"Do {name}.")
    @click.option("--where", metavar="A|B", help="Where it is done.")
    @click.option("--how", type=click.Choice(["<fast>", "slow"]), help=f"How {name} is done.")
    def command() -> None:
        """Do one thing, with *care*.

        \b
        For example:
            tool a --how slow
        """


def test_options_of_many_commands_are_told_once() -> None:
    page = commands_page(tool, "tool", "made")

    assert page.startswith("<!-- made -->\n\n# Commands\n")
    assert page.count("Where it is done.") == 1
    assert "## Options that many commands share\n\n| option | what it does |\n" in page
    assert page.count("[those that many share](#options-that-many-commands-share): `--where A|B`.") == 5


def test_a_command_is_shown_as_its_help_says() -> None:
    page = commands_page(tool, "tool", "made")
    (part,) = [part for part in page.split("\n### ") if part.startswith("tool b\n")]

    assert "```text\ntool b [OPTIONS]\n```\n\nDo one thing, with \\*care\\*.\n\n" in part
    assert "```text\nFor example:\n    tool a --how slow\n```\n" in part
    assert "| `--how [<fast>\\|slow]` | How b is done. |\n" in part
    assert "| [`b`](#tool-b) | Do b. |\n" in page
    assert "--help`" not in part


def test_each_command_of_flowship_is_on_the_page() -> None:
    page = commands_page(flowship, "flowship", "")
    paths = [context.command_path for context in tree(flowship, "flowship")]

    assert len(paths) > 30
    assert [path for path in paths if f"# {path}\n" not in page] == []
