"""docs/reference/commands.md: what each command's `--help` says, as Markdown.

A formatter of click's writes Markdown instead of columns, so whatever a command adds to its help is on the page too.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from chartgen.pages.markdown import anchor, page, prose, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SHARED = 5
"""An option of the same words in so many commands is explained once."""
EVERYWHERE = ("-h, --help", "--help")

Record = tuple[str, str]


class Markdown(click.HelpFormatter):
    """Writes a command's help as Markdown, and leaves out the options that are explained elsewhere."""

    def __init__(self, shared: Sequence[Record], below: Mapping[str, str]) -> None:
        super().__init__(width=10_000)
        self._shared = shared
        self._below = below
        self._heading = ""
        self._raw: list[str] | None = None

    def write(self, string: str) -> None:
        """Take what a command writes itself, within a section, as a block of code."""
        if self._raw is None:
            super().write(string)
        else:
            self._raw.append(string)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that shows how it is called."""
        self._block([f"{prog} {args}".rstrip()], "text")

    def write_text(self, text: str) -> None:
        r"""Write paragraphs; one that click leaves as it is (`\b`) is a block of code."""
        for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
            lines = paragraph.strip("\n").split("\n")
            if lines[0].strip() == "\b":
                self._block(_dedented(lines[1:]), "text")
            else:
                super().write(f"{prose(' '.join(line.strip() for line in lines))}\n\n")

    def write_paragraph(self) -> None:
        """Nothing: each part ends with an empty line."""

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Write a part with its title; what is not written by the other functions is shown as it is."""
        self._heading, self._raw = name, []
        yield
        written, self._raw = "".join(self._raw), None
        if written.strip():
            super().write(f"**{name}**\n\n")
            self._block(_dedented(written.strip("\n").split("\n")), "console")

    def write_dl(self, rows: Iterable[Record], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options, or commands, as a table."""
        found = [(name.strip(), text) for name, text in rows if name.strip() not in EVERYWHERE]
        here = [row for row in found if row not in self._shared]
        if here:
            body = [(self._name(name), prose(text)) for name, text in here]
            super().write(table((prose(self._heading), ""), body) + "\n")
        if common := [self._name(name) for name, text in found if (name, text) in self._shared]:
            super().write(
                f"And of [those that many share](#options-that-many-commands-share): {', '.join(common)}.\n\n"
            )

    def _name(self, name: str) -> str:
        """An option as code, or a command that leads to its own part."""
        written = f"`{name}`"
        return f"[{written}](#{self._below[name]})" if name in self._below else written

    def _block(self, lines: Sequence[str], language: str) -> None:
        super().write("\n".join([f"```{language}", *lines, "```", "", ""]))


def _dedented(lines: Sequence[str]) -> list[str]:
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return [line[indent:].rstrip() for line in lines]


def tree(command: click.Command, name: str) -> Iterator[click.Context]:
    """A command and all below it, each in its context."""
    yield from _below(click.Context(command, info_name=name, **command.context_settings))


def _below(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(group := context.command, click.Group):
        for name in group.list_commands(context):
            if (command := group.get_command(context, name)) and not command.hidden:
                yield from _below(click.Context(command, info_name=name, parent=context))


def shared_options(contexts: Sequence[click.Context]) -> list[Record]:
    """The options that many commands have in the same words, in the order in which they come first."""
    found = [
        record
        for context in contexts
        for parameter in context.command.get_params(context)
        if isinstance(parameter, click.Option)
        if (record := parameter.get_help_record(context)) and record[0] not in EVERYWHERE
    ]
    return [record for record, times in Counter(found).items() if times >= SHARED]


def commands_page(command: click.Command, name: str) -> str:
    """The whole page."""
    contexts = list(tree(command, name))
    shared = shared_options(contexts)
    parts = [_one(context, shared) for context in contexts]
    return (
        page(
            f"# Commands\n\nWhat `{name} COMMAND --help` says of each. Where a command reads values, "
            "[Values](values.md) says how. The exit status is 0 when all is well, 1 when something failed or is to be "
            "mended, and 2 when the values or the command line are refused.\n\n"
            + "\n".join(parts[:1])
            + "## Options that many commands share\n\n"
            + table(("option", "what it does"), [(f"`{option}`", prose(text)) for option, text in shared])
            + "\n"
            + "".join(parts[1:])
        ).rstrip("\n")
        + "\n"
    )


def _one(context: click.Context, shared: Sequence[Record]) -> str:
    group = context.command
    names = group.list_commands(context) if isinstance(group, click.Group) else []
    formatter = Markdown(shared, {name: anchor(f"{context.command_path} {name}") for name in names})
    context.command.format_help(context, formatter)
    depth = "#" * min(4, 1 + len(context.command_path.split()))
    return f"{depth} {context.command_path}\n\n{formatter.getvalue().strip()}\n\n"
