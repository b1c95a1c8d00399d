"""The options that commands share, and the values that they lead to."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from flowship.cli.terminal.command import ValuesOption
from flowship.cli.terminal.keys import assignments
from flowship.cli.terminal.types import PATH, SECONDS, Choice
from flowship.server.plan.options import INHERITED_STRAYS, telemetry
from flowship.values.model.finding import refusal
from flowship.values.model.variables import extra_variables
from flowship.values.reading import reading
from flowship.values.reading.assignment import AsText, FromFile, FromJson
from flowship.values.reading.unresolved import unresolved

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowship.values.model.variables import Precedence
    from flowship.values.reading.reading import Reading

Command = TypeVar("Command", bound="Callable[..., None]")

POD_VALUES = Path("/etc/flowship/values.yaml")
POD_DATA = Path("/var/lib/flowship")


def values_options(command: Command) -> Command:
    """Add `-f`, `--set` and its kin, as Helm has them; the command is given the latter as `assignments`, in Helm's
    order."""

    @functools.wraps(command)
    def with_files(
        *,
        from_json: Sequence[str],
        typed: Sequence[str],
        texts: Sequence[str],
        from_files: Sequence[str],
        **others: object,
    ) -> None:
        arguments = (*map(FromJson, from_json), *typed, *map(AsText, texts), *map(FromFile, from_files))
        command(assignments=arguments, **others)

    wrapped = cast("Command", with_files)
    for option in reversed(_assigning()):
        wrapped = option(wrapped)
    return click.option(
        "-f",
        "--values",
        "files",
        cls=ValuesOption,
        metavar="FILE",
        multiple=True,
        type=PATH,
        help="A values file, or - for standard input. Repeatable; later ones win.",
    )(wrapped)


def _assigning() -> list[Callable[[Command], Command]]:
    """Make `--set` and its kin."""
    kinds = [
        ("--set", "typed", "KEY=VALUE", "A value, over those of files. Others see it in the list of processes."),
        ("--set-string", "texts", "KEY=TEXT", "The same, and always text: for a password of digits."),
        ("--set-json", "from_json", "KEY=JSON", "A value in JSON; under those of --set."),
        ("--set-file", "from_files", "KEY=FILE", "A value that is the text of a file, such as a password; - is stdin."),
    ]
    return [
        click.option(
            name, into, cls=ValuesOption, metavar=metavar, multiple=True, help=text, shell_complete=assignments
        )
        for name, into, metavar, text in kinds
    ]


def data_option(default: Path) -> Callable[[Command], Command]:
    """Add `--data`, where SQLite files and artifacts are kept."""
    return click.option(
        "--data",
        cls=ValuesOption,
        metavar="DIR",
        type=PATH,
        callback=lambda context, parameter, directory: directory.absolute(),
        default=default,
        show_default=True,
        help="Directory of the data.",
    )


def output_option(command: Command) -> Command:
    """Add `--output`, for people or for programs."""
    return click.option(
        "--output",
        type=Choice("text", "json"),
        default="text",
        show_default=True,
        help="How to print the result.",
    )(command)


def timeout_option(command: Command) -> Command:
    """Add `--timeout`, for a database that does not answer."""
    return click.option(
        "--timeout",
        metavar="SECONDS",
        type=SECONDS,
        default=300,
        show_default=True,
        help="How long to wait for the database.",
    )(command)


def for_a_person(files: Sequence[Path], assignments: Sequence[str]) -> Reading:
    """Read values on someone's machine: the environment fills what they leave out.

    Raises:
        ValuesError: they are refused, or name things in a cluster that the environment does not provide.
    """
    read = _read(files, assignments, "fill", here=True)
    if missing := list(unresolved(read)):
        raise refusal(missing, read.loaded.order)
    return read


def for_a_pod(files: Sequence[Path], assignments: Sequence[str]) -> Reading:
    """Read values in a pod, from the file that the chart mounts: the environment, made from Secrets, wins."""
    return _read(files or (POD_VALUES,), assignments, "win")


def for_either(files: Sequence[Path], assignments: Sequence[str], data: Path) -> tuple[Reading, Path]:
    """Read values for a command that people run anywhere, and give the data directory: where none are named in a pod,
    both are the pod's.

    Raises:
        ValuesError: as `for_a_person`.
    """
    if in_a_pod(files, assignments):
        return for_a_pod((), ()), POD_DATA
    return for_a_person(files, assignments), data


def in_a_pod(files: Sequence[Path], assignments: Sequence[str]) -> bool:
    """Tell whether the values of a pod are meant, because this is one and none are named."""
    return not files and not assignments and POD_VALUES.exists()


def _read(files: Sequence[Path], assignments: Sequence[str], precedence: Precedence, *, here: bool = False) -> Reading:
    """Read values, and let this process have what the server has: PGSSLMODE for the drivers, no telemetry of MLflow."""
    read = reading.read(files, assignments, os.environ, precedence, here=here)
    for stray in INHERITED_STRAYS:  # MLflow reads some of them as soon as it is imported
        os.environ.pop(stray, None)
    os.environ.update(extra_variables(read.values.extraEnvVars) | telemetry(read.values))
    return read
