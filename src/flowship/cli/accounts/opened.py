"""What the commands about users, roles and grants share: where the users are, passwords, and how results are shown."""

from __future__ import annotations

import functools
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from flowship.accounts.by_api import RemoteAccounts
from flowship.accounts.in_database import in_database
from flowship.auth.methods.chosen import chosen
from flowship.cli.accounts import audit
from flowship.cli.terminal import lines
from flowship.cli.terminal.options import data_option, for_either, output_option, values_options
from flowship.database import from_values
from flowship.errors import AccountsError
from flowship.values.model.finding import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowship.accounts.accounts import Accounts
    from flowship.auth.sign_in import SignIn
    from flowship.cli.terminal.options import Command
    from flowship.database.database import Database


@dataclass(frozen=True)
class Opened:
    """Users and roles, where a command finds them."""

    accounts: Accounts
    sign_in: SignIn | None = None
    """How users sign in, where that is known: a server does not tell."""
    database: Database | None = None
    """Where they are kept, unless a server is asked."""

    def require_decided_here(self, what: str) -> None:
        """Refuse what is decided where the passwords are, if that is elsewhere. Raises AccountsError."""
        if self.kept_elsewhere:
            raise AccountsError(
                f"{what} is decided where users come from, a directory or a provider, and not kept here."
            )

    @property
    def kept_elsewhere(self) -> bool:
        """Whether users come from elsewhere, with their passwords."""
        found = self.sign_in
        return found is not None and not found.passwords_in_mlflow and not found.runs_own_code

    def require_gate(self) -> None:
        """Refuse to keep anybody out where code of the user's own lets people in. Raises AccountsError."""
        if self.sign_in is not None and self.sign_in.runs_own_code:
            raise AccountsError(
                "auth.authorizationFunction or auth.appName decides who signs in, so that Flowship can keep nobody "
                "out. Disable the user there, or delete the user."
            )


def accounts_options(command: Command) -> Command:
    """Add where the users are: `-f`, `--set` and `--data`, or `--server`; and `--output`. The command is given `found`
    and `show`."""

    @functools.wraps(command)
    def with_accounts(
        *,
        files: Sequence[Path],
        assignments: Sequence[str],
        data: Path,
        server: str | None,
        output: str,
        **others: object,
    ) -> None:
        with _opened(files, assignments, data, server) as found:
            command(found=found, show=Shown(as_json=output == "json"), **others)

    with_output = output_option(cast("Command", with_accounts))
    with_server = click.option(
        "--server",
        metavar="URL",
        help="Ask a server that runs, by MLflow's API, with the login of MLflow's clients (MLFLOW_TRACKING_USERNAME "
        "and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN); instead of -f.",
    )(with_output)
    return values_options(data_option(Path("flowship-data"))(with_server))


@contextmanager
def _opened(files: Sequence[Path], assignments: Sequence[str], data: Path, server: str | None) -> Iterator[Opened]:
    if server is not None:
        if files or assignments:
            raise click.UsageError("--server asks a server that runs, and -f its database: give one of them.")
        yield Opened(RemoteAccounts(server))
        return
    reading, data = for_either(files, assignments, data)
    found = from_values.databases(reading.values, data, reading.bundled_host)
    if found.auth is None:
        raise AccountsError(
            "These values know no users: auth.enabled is false. Name the values of your server by -f, or the server "
            "itself by --server."
        )
    found.auth.require_driver()
    audit.follow(reading.values)
    with in_database(found.auth, found.tracking, audit.changed) as accounts:
        yield Opened(accounts, chosen(reading.values, None), found.auth)


def read_password(what: str) -> str:
    """Ask for a password twice, or take the first line of standard input where that is no terminal.

    Raises AccountsError when there is none.
    """
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, confirmation_prompt=True, err=True))
    found = sys.stdin.readline().rstrip("\r\n")
    if not found:
        raise AccountsError("Standard input holds no password. Write it there, on one line, or run this in a terminal.")
    return found


@dataclass(frozen=True)
class Shown:
    """Prints what a command found or did, for a person or a program."""

    as_json: bool

    def rows(self, found: Sequence[Mapping[str, Any]]) -> None:
        """Print a list."""
        if self.as_json:
            lines.as_json(list(found))
            return
        cells = [[_cell(value) for value in row.values()] for row in found]
        if found:
            cells.insert(0, [name.upper() for name in found[0]])
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        for line in cells:
            click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())

    def done(self, sentence: str, row: Mapping[str, Any]) -> None:
        """Print what was done, and what it has become."""
        if self.as_json:
            lines.as_json(row)
        else:
            lines.done(sentence)


def _cell(value: object) -> str:
    """Give the text of a value; names may hold anything, and a terminal obeys some characters."""
    if isinstance(value, bool):
        return "yes" if value else ""
    return on_one_line(", ".join(map(_cell, value)) if isinstance(value, list) else str(value))
