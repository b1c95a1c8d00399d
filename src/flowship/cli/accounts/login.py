"""`flowship login`, `logout` and `whoami`: for people at a terminal who use a server."""

from __future__ import annotations

import webbrowser
from datetime import UTC, datetime

import click

from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import done, wrong
from flowship.client.log_ins import NAME, LogIn, address_of, file_of_log_ins, keep, log_ins
from flowship.errors import LogInError


@command(
    examples={
        "Then MLflow's client runs with MLFLOW_TRACKING_AUTH=flowship": "flowship login https://mlflow.example.com",
        "Over SSH": "flowship login https://mlflow.example.com --no-browser --read-only",
    }
)
@click.argument("url")
@click.option("--read-only", is_flag=True, help="Ask to read only; else for all that you may.")
@click.option("--no-browser", is_flag=True, help="Only print the address of the page, and open no browser.")
def login(url: str, read_only: bool, no_browser: bool) -> None:
    """Log in at a server, with a code and a browser.

    A page of the server at URL confirms the code that is shown here. MLflow's client uses the log-in with
    MLFLOW_TRACKING_URI=URL MLFLOW_TRACKING_AUTH=flowship.
    """
    from flowship.client import logging_in  # which loads an HTTP client

    address = address_of(url)
    started = logging_in.start(address, read_only=read_only)
    click.echo(f"Open    {started.page}\nType    {click.style(started.code, bold=True)}")
    if not no_browser:
        webbrowser.open(started.page)
    click.echo("Waiting until you have confirmed it there ...")
    found = logging_in.finish(address, started)
    keep(address, found)
    done(f"logged in at {address} as {found.user}{_until(found)}; kept in {file_of_log_ins()}")
    click.echo(f"For MLflow's client: MLFLOW_TRACKING_URI={address} MLFLOW_TRACKING_AUTH={NAME}")


@command(examples={"At the only server where you are logged in": "flowship logout"})
@click.argument("url", required=False)
def logout(url: str | None) -> None:
    """Log out at a server: the token is revoked and forgotten.

    At the server at URL, or at the only one.
    """
    from flowship.client import logging_in

    address, found = _one(url)
    try:
        logging_in.end(address, found)
    finally:
        keep(address, None)
    done(f"logged out at {address}")


@command(examples={"At one server of several": "flowship whoami https://mlflow.example.com"})
@click.argument("url", required=False)
@click.pass_context
def whoami(context: click.Context, url: str | None) -> None:
    """Say as whom you are logged in at a server.

    At the server at URL, or at the only one.
    """
    from flowship.client import logging_in

    address, found = _one(url)
    user = logging_in.who(address, found)
    if user is None:
        wrong(f"{address} does not take the log-in any more. Log in again.")
        context.exit(1)
    click.echo(f"{user[0]}{', an admin,' if user[1] else ''} at {address}{_until(found)}")


def _one(url: str | None) -> tuple[str, LogIn]:
    found = log_ins()
    if url is None:
        if len(found) > 1:
            raise LogInError(f"You are logged in at {', '.join(sorted(found))}. Name one of them.")
        if not found:
            raise LogInError("You are logged in nowhere. Run: flowship login URL")
        return next(iter(found.items()))
    address = address_of(url)
    if address not in found:
        raise LogInError(f"You are not logged in at {address}. Run: flowship login {address}")
    return address, found[address]


def _until(log_in: LogIn) -> str:
    return f" until {datetime.fromtimestamp(log_in.ends, UTC):%Y-%m-%d}" if log_in.ends else ""
