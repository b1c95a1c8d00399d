"""What is said to whoever has called a command in a way that it does not know: what was found, and what to write.

click's own words are about its classes ("Invalid value for '--port': 'x' is not a valid integer range").
"""

from __future__ import annotations

import re

import click
from click.exceptions import NoSuchCommand

from flowship.near import did_you_mean

_TOO_MANY = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)


def sentence(error: click.UsageError) -> str:
    """Give what is wrong, and what to write instead."""
    name = f"`{error.ctx.command_path}`" if error.ctx else "the command"
    match error:
        case NoSuchCommand(command_name=word):
            return f"{name} has no command {word!r}.{did_you_mean(word, _commands(error.ctx))}"
        case click.NoSuchOption(option_name=word):
            return f"{name} has no option {word}.{did_you_mean(word, _options(error.ctx))}"
        case click.MissingParameter(param=click.Parameter() as missing):
            return f"{name} needs {_written(missing, error.ctx)}.{_meaning(missing)}"
        case click.BadOptionUsage(option_name=word) if "does not take" in error.message:
            return f"{word}: takes no value. Write {word} alone."
        case click.BadOptionUsage(option_name=word):
            return f"{word}: needs a value after it."
        case click.BadParameter(param=click.Parameter() as param):
            shown = param.opts[-1] if isinstance(param, click.Option) else param.human_readable_name
            return f"{shown}: {error.message}"
    if found := _TOO_MANY.fullmatch(error.message):
        return f"{name} takes no {found[1]!r} at that place."
    return error.format_message()


def advice(error: click.UsageError) -> str:
    """Give the command that tells more."""
    return f"  `{error.ctx.command_path} --help` tells more." if error.ctx else ""


def _commands(context: click.Context | None) -> list[str]:
    group = context.command if context else None
    return group.list_commands(context) if context and isinstance(group, click.Group) else []


def _options(context: click.Context | None) -> list[str]:
    params = context.command.get_params(context) if context else []
    return [name for param in params if isinstance(param, click.Option) for name in param.opts]


def _written(param: click.Parameter, context: click.Context | None) -> str:
    shown = param.make_metavar(context) if context else ""
    return f"{param.opts[-1]} {shown}" if isinstance(param, click.Option) else shown


def _meaning(param: click.Parameter) -> str:
    text = param.help if isinstance(param, click.Option) else None
    return f" {text}" if text else ""
