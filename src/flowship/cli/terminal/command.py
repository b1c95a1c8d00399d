"""Commands as Flowship shows them: examples under each, what says which values it has apart from its own options, and
in a group the commands by subject. What a group lists is loaded when it is run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class ValuesOption(click.Option):
    """An option that says which values a command has, and where its data is."""


class Command(click.Command):
    """A command with examples: what each is for, and its line for a shell."""

    def __init__(self, *arguments: Any, examples: Mapping[str, str], **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click's parser does not know of which command its options are
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        values = [each for each in options if isinstance(each, ValuesOption)]
        for title, found in (("Options", [each for each in options if each not in values]), ("Values", values)):
            if records := [record for each in found if (record := each.get_help_record(ctx))]:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples last, where a terminal shows them beside the next prompt."""
        with formatter.section("Examples"):
            for number, (purpose, line) in enumerate(self.examples.items()):
                formatter.write("\n" * bool(number))
                formatter.write(f"{'':{formatter.current_indent}}# {purpose}\n")
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


class Group(click.Group):
    """A command that only has others below it, in the order in which one meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


class Entry(NamedTuple):
    """A command that a group lists, without the libraries that running it takes."""

    summary: str
    """The first sentence of its help."""
    module: str
    attribute: str


class Chapters(Group):
    """A group that lists its commands by subject, and loads the one that is run."""

    def __init__(self, *arguments: Any, chapters: Mapping[str, Mapping[str, Entry]], **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.chapters = chapters
        self.entries = {name: entry for chapter in chapters.values() for name, entry in chapter.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self.entries and cmd_name not in self.commands:
            entry = self.entries[cmd_name]
            self.add_command(getattr(import_module(entry.module), entry.attribute), cmd_name)
        return self.commands.get(cmd_name)

    def load(self) -> None:
        """Load all commands, for who wants to look at them."""
        for name in self.entries:
            self.get_command(click.Context(self), name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.entries))
        for title, chapter in self.chapters.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), entry.summary) for name, entry in chapter.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Complete the names of commands without loading them."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=entry.summary)
            for name, entry in self.entries.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def command(name: str | None = None, *, examples: Mapping[str, str]) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function, whose docstring is its help."""
    return click.command(name, cls=Command, examples=examples)


def group(name: str | None = None) -> Callable[[Callable[..., None]], Group]:
    """Make a group of a function, whose docstring is its help."""
    return click.group(name, cls=Group)


def below(
    group: Group, examples: Mapping[str, str], name: str | None = None
) -> Callable[[Callable[..., None]], Command]:
    """Make a command of a function, below a group."""
    made = command(name, examples=examples)

    def added(function: Callable[..., None]) -> Command:
        found = made(function)
        group.add_command(found)
        return found

    return added
