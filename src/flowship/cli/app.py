"""The command group, and the only place that turns an error into text and an exit status."""

from __future__ import annotations

import signal
import sys

import click

from flowship import __version__
from flowship.cli.accounts.login import login, logout, whoami
from flowship.cli.accounts.roles import grant, revoke, roles
from flowship.cli.accounts.tokens import tokens
from flowship.cli.accounts.users import users
from flowship.cli.completion import completion
from flowship.cli.data.backup import backup, restore
from flowship.cli.data.backups import backups
from flowship.cli.data.export import export_command, import_command
from flowship.cli.data.gc import gc
from flowship.cli.data.move import move_command
from flowship.cli.pod.make_passwords import make_passwords
from flowship.cli.pod.move_bitnami import move_bitnami
from flowship.cli.pod.smoke_test import smoke_test
from flowship.cli.pod.steps import migrate, serve, wait
from flowship.cli.status import status
from flowship.cli.up import up
from flowship.cli.values.check import check
from flowship.cli.values.import_values import import_values
from flowship.cli.values.show import show
from flowship.errors import FlowshipError, ValuesError
from flowship.server.processes.child import end


class Group(click.Group):
    """Lists the commands in the order in which one meets them, and shows Flowship's errors as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ValuesError as error:
            for finding in error.findings:
                click.echo(f"{click.style('✗', fg='red')} {finding}", err=True)
            ctx.exit(error.exit_code)
        except FlowshipError as error:
            click.echo(f"{click.style('✗', fg='red')} {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="flowship")
def flowship() -> None:
    """MLflow for teams, from one values file.

    \b
    On this machine, with SQLite and files under ./flowship-data:
        flowship up
    With your own values, the same file that `helm install -f` takes:
        flowship check -f values.yaml --live
        flowship up -f values.yaml
    """


for command in (
    up,
    check,
    show,
    status,
    import_values,
    backup,
    backups,
    restore,
    move_command,
    export_command,
    import_command,
    gc,
    users,
    tokens,
    login,
    logout,
    whoami,
    roles,
    grant,
    revoke,
    wait,
    migrate,
    serve,
    smoke_test,
    make_passwords,
    move_bitnami,
    completion,
):
    flowship.add_command(command)


def main() -> None:
    """The entry point of the program `flowship`."""
    signal.signal(signal.SIGTERM, end)
    try:
        flowship(prog_name="flowship")
    except BrokenPipeError:  # as in `flowship show | head`
        sys.stderr.close()
        sys.exit(1)
