"""`flowship wait`, `migrate` and `serve`: the steps that a pod runs, each in a container of its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.backup.waiting import requested, wait_until_backed_up, wait_until_restored
from flowship.cli.terminal import types
from flowship.cli.terminal.changing_line import steps
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import tell
from flowship.cli.terminal.options import POD_DATA, POD_VALUES, data_option, for_a_pod, timeout_option, values_options
from flowship.cli.terminal.types import PATH
from flowship.server import launch
from flowship.server.launch import ServerPlace
from flowship.server.prepare import data as data_directory
from flowship.server.prepare import preparation, preparing
from flowship.server.prepare.listening import require_certificate, require_free

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowship.database.database import Databases
    from flowship.values.model.root import Values
    from flowship.values.reading.reading import Reading

LISTEN_ON = "0.0.0.0"  # noqa: S104 - a pod's own network, which its Service needs
PORT = 5000
INNER_PORT = 9000

READS = f"""
    Reads {POD_VALUES} unless -f names other files. Environment variables, which the chart makes from your Secrets,
    win over the file; docs/reference/environment.md lists them.
"""


def _databases(reading: Reading, data: Path) -> Databases:
    """Give the databases, restored if that was asked for; refuses to keep any data where the image has put the
    directory and no volume is mounted."""
    values = reading.values
    databases = preparation.usable_databases(reading, data)
    if data == POD_DATA and preparation.keeps_data_here(databases, values, data):
        data_directory.require_kept(data)
    if request := requested(values):
        wait_until_restored(databases, request, tell)
    return databases


def _step(command: click.Command) -> click.Command:
    command.help = f"{command.help}\n{READS}"
    return command


@_step
@command(examples={"For a minute": "flowship wait -f values.yaml --timeout 60"})
@values_options
@data_option(POD_DATA)
@timeout_option
def wait(files: Sequence[Path], assignments: Sequence[str], data: Path, timeout: float) -> None:
    """Wait until the databases answer a query.

    Ends with status 1 after --timeout, or at once for what waiting cannot mend, such as a wrong password.
    """
    reading = for_a_pod(files, assignments)
    databases = preparation.usable_databases(reading, data)
    with steps() as report:
        preparation.wait_for(databases, report, timeout)
    tell(f"{databases.tracking.shown} answers")


@_step
@command(examples={"By hand, beside no pod": "flowship migrate -f values.yaml --data ./flowship-data"})
@values_options
@data_option(POD_DATA)
@timeout_option
def migrate(files: Sequence[Path], assignments: Sequence[str], data: Path, timeout: float) -> None:
    """Bring the databases to this MLflow's schema.

    Takes a lock in the database, so that of many started at once one does the work. Never goes backwards; keeps a
    copy of a SQLite file. Make a backup of a server database first; with backup.enabled, it waits until the chart's Job
    has made one.
    """
    reading = for_a_pod(files, assignments)
    databases = _databases(reading, data)
    _migrated(databases, reading.values, data, timeout)
    tell(f"{databases.tracking.shown} is ready for this MLflow")


def _migrated(databases: Databases, values: Values, data: Path, timeout: float) -> dict[str, str | None]:
    """Prepare the databases, older ones too, with a backup before that if the values ask for backups. Returns the
    variables of the server."""
    with steps() as report:
        return preparation.prepare(
            databases,
            values,
            data,
            upgrade=True,
            report=report,
            timeout=timeout,
            before_upgrade=partial(wait_until_backed_up, databases.tracking, report) if values.backup.enabled else None,
        )


@_step
@command(examples={"On a machine of its own": "flowship serve -f values.yaml --data /srv/mlflow"})
@values_options
@data_option(POD_DATA)
@click.option("--host", default=LISTEN_ON, show_default=True, help="Address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=types.PORT, help="Port to listen on.")
@click.option(
    "--inner-port",
    default=INNER_PORT,
    show_default=True,
    type=types.PORT,
    help="Port of /health, /ready and /metrics, which ask for no password.",
)
@click.option("--tls-certificate", "certificate", type=PATH, help="Certificate to serve HTTPS with.", metavar="FILE")
@click.option("--tls-key", "key", type=PATH, help="Key of that certificate.", metavar="FILE")
@click.option(
    "--migrate",
    "migrating",
    is_flag=True,
    help="Migrate first, as flowship migrate does, where no container before this one reaches the databases.",
)
@timeout_option
def serve(
    files: Sequence[Path],
    assignments: Sequence[str],
    data: Path,
    host: str,
    port: int,
    inner_port: int,
    certificate: Path | None,
    key: Path | None,
    migrating: bool,
    timeout: float,
) -> None:
    """Serve MLflow.

    An empty database is initialised; one of an older MLflow is refused, since `flowship migrate` comes first, unless
    --migrate does that here.
    """
    reading = for_a_pod(files, assignments)
    databases = _databases(reading, data)
    require_free(host, port, inner_port)
    require_certificate(certificate, key)
    data_directory.make(data)
    file = preparation.authentication_file(databases, reading.values, Path(reading.values.auth.configPath))

    place = ServerPlace(host, port, data, file, inner_port, certificate, key)
    with launch.server(reading, place, databases) as server:
        if migrating:
            with preparing.answering(host, inner_port):
                found = _migrated(databases, reading.values, data, timeout)
        else:
            found = preparation.prepare(databases, reading.values, data, upgrade=False, report=tell, timeout=timeout)
        server.serve(found)
