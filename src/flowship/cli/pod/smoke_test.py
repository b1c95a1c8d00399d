"""`flowship smoke-test`: log a run through a server that runs, read it back, and delete it; `helm test` runs this."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.artifacts.credentials import client_environment
from flowship.checks import smoke
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import tell
from flowship.cli.terminal.options import for_a_pod, values_options
from flowship.cli.terminal.types import SECONDS
from flowship.server.environment import change_environment

if TYPE_CHECKING:
    from collections.abc import Sequence


@command(examples={"A server on this machine": "flowship smoke-test -f values.yaml --url http://127.0.0.1:5000"})
@values_options
@click.option("--url", required=True, help="Address of the server, without a static prefix.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=SECONDS,
    default=60.0,
    show_default=True,
    help="How long to wait until the server is ready.",
)
def smoke_test(files: Sequence[Path], assignments: Sequence[str], url: str, timeout: float) -> None:
    """Log a run through a server that runs, and delete it.

    With an artifact, which is read back. With the server's own values: the admin logs in, unless
    MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD name somebody else. With LDAP and nobody named, it only
    checks that the server is ready and asks for a login.
    """
    # Reading the values takes away what only clients are told, as it must for a server.
    own = {name: os.environ[name] for name in smoke.LOGIN if name in os.environ}
    values = for_a_pod(files, assignments).values
    uri = f"{url.rstrip('/')}{values.extraArgs.get('staticPrefix') or ''}"
    who = smoke.login(values, own)
    smoke.require_ready(uri, timeout)
    tell(f"{uri} is ready")
    if who:
        smoke.require_login(uri)
        tell("it asks for a login")
    if who and not who.known:
        tell(f"no run was logged, because nobody's password is known here; name a Secret in {who.key}")
        return
    change_environment(client_environment(values))
    smoke.log_and_delete(uri, who, tell)
