"""The options that commands share, and the values that they lead to."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from flowship.server.plan.options import INHERITED_STRAYS, telemetry
from flowship.values.model.finding import refusal
from flowship.values.model.variables import extra_variables
from flowship.values.reading import reading
from flowship.values.reading.assignment import FromFile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowship.values.model.variables import Precedence
    from flowship.values.reading.reading import Reading

Command = TypeVar("Command", bound="Callable[..., None]")

POD_VALUES = Path("/etc/flowship/values.yaml")
POD_DATA = Path("/var/lib/flowship")

PATH = click.Path(path_type=Path)
PORTS = click.IntRange(1, 65535)


def values_options(command: Command) -> Command:
    """Add `-f`, `--set` and `--set-file`, as Helm has them; the command is given the latter two as `assignments`."""

    @functools.wraps(command)
    def with_files(*, assignments: Sequence[str], from_files: Sequence[str], **others: object) -> None:
        command(assignments=(*assignments, *map(FromFile, from_files)), **others)

    with_set_file = click.option(
        "--set-file",
        "from_files",
        metavar="KEY=FILE",
        multiple=True,
        help="A value that is the text of a file, such as a password; over those of --set. `-` is standard input.",
    )(cast("Command", with_files))
    with_set = click.option(
        "--set",
        "assignments",
        metavar="KEY=VALUE",
        multiple=True,
        help="A value on the command line, over those of files; may be repeated. Whoever sees the list of processes "
        "reads it: give a password by --set-file, in a file, or as a variable.",
    )(with_set_file)
    return click.option(
        "-f",
        "--values",
        "files",
        metavar="FILE",
        multiple=True,
        type=PATH,
        help="A values file; may be repeated, later ones win. `-` is standard input.",
    )(with_set)


def data_option(default: Path) -> Callable[[Command], Command]:
    """Add `--data`, where SQLite files and artifacts are kept."""
    return click.option(
        "--data",
        metavar="DIR",
        type=PATH,
        callback=lambda context, parameter, directory: directory.absolute(),
        default=default,
        show_default=True,
        help="Directory that keeps the data.",
    )


def output_option(command: Command) -> Command:
    """Add `--output`, for people or for programs."""
    return click.option(
        "--output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to print the result.",
    )(command)


def timeout_option(command: Command) -> Command:
    """Add `--timeout`, for a database that does not answer."""
    return click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(min=0),
        default=300.0,
        show_default=True,
        help="How long to wait for the database.",
    )(command)


def for_a_person(files: Sequence[Path], assignments: Sequence[str]) -> Reading:
    """Read values on someone's machine: the environment fills what they leave out.

    Raises:
        ValuesError: they are refused, or name things in a cluster that the environment does not provide.
    """
    read = _read(files, assignments, "fill", here=True)
    if missing := list(reading.unresolved(read)):
        raise refusal(missing)
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
    if not files and not assignments and POD_VALUES.exists():
        return for_a_pod((), ()), POD_DATA
    return for_a_person(files, assignments), data


def _read(files: Sequence[Path], assignments: Sequence[str], precedence: Precedence, *, here: bool = False) -> Reading:
    """Read values, and let this process have what the server has: PGSSLMODE for the drivers, no telemetry of MLflow."""
    read = reading.read(files, assignments, os.environ, precedence, here=here)
    for stray in INHERITED_STRAYS:  # MLflow reads some of them as soon as it is imported
        os.environ.pop(stray, None)
    os.environ.update(extra_variables(read.values.extraEnvVars) | telemetry(read.values))
    return read


def done(sentence: str) -> None:
    """Print that something was done, or is right."""
    click.echo(f"{click.style('✓', fg='green')} {sentence}")


def progress(sentence: str) -> None:
    """Print a step that was done or a cause of waiting."""
    click.echo(f"{click.style('•', fg='cyan')} {sentence}", err=True)
