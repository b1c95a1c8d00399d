"""`flowship up`: wait, migrate and serve on this machine."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.artifacts.location import artifact_location
from flowship.auth.methods.chosen import chosen
from flowship.cli.terminal.changing_line import steps
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import tell
from flowship.cli.terminal.options import data_option, for_a_person, timeout_option, values_options
from flowship.cli.terminal.types import PORT
from flowship.errors import ServerError
from flowship.server import launch
from flowship.server.http.observing.probes import READY
from flowship.server.launch import ServerPlace
from flowship.server.plan.addresses import reachable
from flowship.server.plan.options import static_prefix
from flowship.server.prepare import data as data_directory
from flowship.server.prepare import preparation
from flowship.server.prepare.listening import require_free
from flowship.server.processes import attending, child
from flowship.server.processes.service_manager import ServiceManager

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from flowship.database.database import Databases
    from flowship.server.processes.child import Child
    from flowship.values.reading.reading import Reading


@command(
    examples={
        "With SQLite and files under ./flowship-data": "flowship up",
        "With your own values, for the whole network": "flowship up -f values.yaml --host 0.0.0.0 --port 8080",
    }
)
@values_options
@data_option(Path("flowship-data"))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=5000, show_default=True, type=PORT, help="Port to listen on.")
@click.option("--inner-port", type=PORT, help="Also answer /health, /ready and /metrics on this port.")
@timeout_option
def up(
    files: Sequence[Path],
    assignments: Sequence[str],
    data: Path,
    host: str,
    port: int,
    inner_port: int | None,
    timeout: float,
) -> None:
    """Run MLflow on this machine, until Ctrl-C.

    Waits for the database, brings it to this MLflow's schema, and serves. Without values: a SQLite file and artifacts
    under --data.
    """
    reading = for_a_person(files, assignments)
    databases = preparation.usable_databases(reading, data)
    require_free(host, port, inner_port)
    data_directory.make(data)
    with data_directory.held(data) as lock:
        file = preparation.authentication_file(databases, reading.values, data / "auth")
        manager = ServiceManager(os.environ)
        server = child.fork()
        if server is None:
            os.set_inheritable(lock, True)
            _serve(reading, ServerPlace(host, port, data, file, inner_port), databases, timeout)
        else:
            _attend(server, manager, reading, host, port, data)


def _serve(reading: Reading, place: ServerPlace, databases: Databases, timeout: float) -> None:
    values = reading.values
    tell(f"runs and models: {databases.tracking.shown}")
    upgrade = values.backendStore.databaseMigration
    with launch.server(reading, place, databases) as server:
        with steps() as report:
            found = preparation.prepare(databases, values, place.data, upgrade=upgrade, report=report, timeout=timeout)
        tell("starting MLflow")
        server.serve(found)


def _attend(server: Child, manager: ServiceManager, reading: Reading, host: str, port: int, data: Path) -> None:
    """Stay until the server ends or a signal asks for it: SIGTERM, or Ctrl-C and the end of the terminal, which skip
    the drain delay."""
    limits = reading.values.server
    asked = signal.SIGINT

    def handle_term(signum: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = signal.SIGTERM
        raise KeyboardInterrupt

    def handle_hup(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the shell and the kernel both send one
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, handle_term)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants it to outlive the terminal
        signal.signal(signal.SIGHUP, handle_hup)
    try:
        address = f"http://{reachable(host)}:{port}{static_prefix(reading.values)}"
        answered = attending.answers(server, f"{address}{READY}")
        if answered:
            manager.ready(f"Serving {address}")
            _tell(reading, address, data)
        server.wait()
        if server.status and server.status > 0 and not answered:
            sys.exit(server.status)  # it has said why
        raise ServerError(f"The server ended by itself with status {server.status}; its last lines above say why.")
    except KeyboardInterrupt:
        manager.stopping()
        tell("Stopping")
    finally:
        limit = limits.drainDelaySeconds + limits.shutdownTimeoutSeconds + attending.FORCED_AFTER
        attending.stop(server, asked, limit)
    tell("Stopped; the data is kept")


def _tell(reading: Reading, address: str, data: Path) -> None:
    values = reading.values
    location = artifact_location(values, data)
    lines = {
        "MLflow": click.style(address, bold=True),
        "Artifacts": f"{location.uri}{' through the server' if location.proxied else ''}",
        "Data": str(data),
        "Admin": chosen(values, reading.environ).admins(values),
        "Not used here": ", ".join(reading.unused_here()),
    }
    click.echo()
    for name, text in lines.items():
        if text:
            click.echo(f"  {name:<14} {text}")
    click.echo("\n  Ctrl-C stops it.\n")
