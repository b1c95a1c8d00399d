"""The commands by subject, and the only place that turns an error into text and an exit status."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click

from flowship.cli.terminal.colour import coloured
from flowship.cli.terminal.command import Chapters, Entry
from flowship.cli.terminal.lines import wrong
from flowship.cli.terminal.usage import advice, sentence
from flowship.errors import FlowshipError, ValuesError
from flowship.server.processes.child import end

_HERE = "flowship.cli"

CHAPTERS = {
    "Every day": {
        "init": Entry("Write a values file to begin with.", f"{_HERE}.values.init", "init"),
        "up": Entry("Run MLflow on this machine, until Ctrl-C.", f"{_HERE}.up", "up"),
        "check": Entry("Say what is wrong with values, all at once.", f"{_HERE}.values.check", "check"),
        "show": Entry("Show what `flowship up` would run, without running it.", f"{_HERE}.values.show", "show"),
        "status": Entry("Say how a Flowship is, and what is wrong.", f"{_HERE}.status", "status"),
    },
    "Users": {
        "users": Entry("List and change the users of MLflow.", f"{_HERE}.accounts.users", "users"),
        "roles": Entry("List and change roles, which several users share.", f"{_HERE}.accounts.roles", "roles"),
        "grant": Entry("Let a user or a role do something on a resource.", f"{_HERE}.accounts.roles", "grant"),
        "revoke": Entry("Take away what was granted on a resource.", f"{_HERE}.accounts.roles", "revoke"),
        "tokens": Entry("List, make and revoke tokens of programs.", f"{_HERE}.accounts.tokens", "tokens"),
    },
    "Data": {
        "backup": Entry("Back up the databases, while the server runs.", f"{_HERE}.data.backup", "backup"),
        "backups": Entry("Look at backups that were taken.", f"{_HERE}.data.backups", "backups"),
        "restore": Entry("Restore a backup into empty databases.", f"{_HERE}.data.backup", "restore"),
        "move": Entry("Move everything to another database or store.", f"{_HERE}.data.move", "move_command"),
        "export": Entry(
            "Write experiments, with all that is theirs, into a directory.", f"{_HERE}.data.export", "export_command"
        ),
        "import": Entry("Bring exported experiments into another database.", f"{_HERE}.data.export", "import_command"),
        "gc": Entry("Remove for good what was deleted long ago.", f"{_HERE}.data.gc", "gc"),
    },
    "Using a server": {
        "login": Entry("Log in at a server, with a code and a browser.", f"{_HERE}.accounts.login", "login"),
        "logout": Entry(
            "Log out at a server: the token is revoked and forgotten.", f"{_HERE}.accounts.login", "logout"
        ),
        "whoami": Entry("Say as whom you are logged in at a server.", f"{_HERE}.accounts.login", "whoami"),
    },
    "Setting up": {
        "import-values": Entry(
            "Print the values of another chart of MLflow as Flowship's.",
            f"{_HERE}.values.import_values",
            "import_values",
        ),
        "completion": Entry("Print the completion script of a shell.", f"{_HERE}.completion", "completion"),
    },
    "Steps of a pod, which the chart runs": {
        "wait": Entry("Wait until the databases answer a query.", f"{_HERE}.pod.steps", "wait"),
        "migrate": Entry("Bring the databases to this MLflow's schema.", f"{_HERE}.pod.steps", "migrate"),
        "serve": Entry("Serve MLflow.", f"{_HERE}.pod.steps", "serve"),
        "smoke-test": Entry(
            "Log a run through a server that runs, and delete it.", f"{_HERE}.pod.smoke_test", "smoke_test"
        ),
        "make-passwords": Entry(
            "Make the passwords that Secrets of Kubernetes lack.", f"{_HERE}.pod.make_passwords", "make_passwords"
        ),
        "move-bitnami": Entry(
            "Move a database that chart 0.16.5 had from Bitnami.", f"{_HERE}.pod.move_bitnami", "move_bitnami"
        ),
    },
}


class Flowship(Chapters):
    """Shows errors as sentences: Flowship's own, and those of whoever has called a command."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        extra.setdefault("color", coloured(os.environ))
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise _shown(error) from None

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _shown(error) from None
        except ValuesError as error:
            for finding in error.findings:
                wrong(finding)
            ctx.exit(error.exit_code)
        except FlowshipError as error:
            wrong(str(error))
            ctx.exit(error.exit_code)


def _shown(error: click.UsageError) -> click.exceptions.Exit:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
    else:
        wrong(sentence(error))
        click.echo(advice(error), err=True)
    return click.exceptions.Exit(error.exit_code)


def _versions(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    from importlib.metadata import version

    from flowship import __version__

    click.echo(f"flowship {__version__}, MLflow {version('mlflow')}")
    context.exit()


@click.group(cls=Flowship, chapters=CHAPTERS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_versions,
    help="Show the versions of Flowship and MLflow, and exit.",
)
def flowship() -> None:
    """MLflow for teams, from one values file.

    \b
    On this machine, with SQLite and files under ./flowship-data:
        flowship up
    With your own values, the same file that `helm install -f` takes:
        flowship check -f values.yaml --live
        flowship up -f values.yaml
    """


def main() -> None:
    """The entry point of the program `flowship`."""
    signal.signal(signal.SIGTERM, end)
    try:
        flowship(prog_name="flowship")
    except BrokenPipeError:  # as in `flowship show | head`
        sys.stderr.close()
        sys.exit(1)
