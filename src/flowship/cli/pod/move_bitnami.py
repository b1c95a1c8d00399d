"""`flowship move-bitnami`: what the chart's Jobs run to move a database of Bitnami's, each in two steps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.backup import moving
from flowship.backup.catalog import Catalog
from flowship.cli.data.backup import POD_BACKUPS, step_options
from flowship.cli.terminal.options import PATH, POD_DATA, for_a_pod, progress
from flowship.database.from_values import tracking_database

if TYPE_CHECKING:
    from flowship.backup.moving import Seen
    from flowship.cli.terminal.options import Command
    from flowship.database.database import Database

NO_FILE = Path(os.devnull)


def database_options(command: Command) -> Command:
    """Add the options that say which kind of server, and where its dump is."""
    dumps = click.option("--dumps", type=PATH, default=POD_BACKUPS, help="Directory of the dump.")(command)
    kinds = click.Choice(["postgresql", "mysql"])
    return click.option("--kind", type=kinds, required=True, help="The server's section of the values.")(dumps)


@click.group()
def move_bitnami() -> None:
    """Move a database that chart 0.16.5 had from Bitnami.

    Runs in pods of the chart, which give the server's address, user, database and password as variables.
    """


@move_bitnami.command()
@database_options
@click.option(
    "--seen",
    type=click.Choice(["old", "new", "unknown"]),
    default="unknown",
    help="Which server the chart saw in the cluster.",
)
@step_options
def dump(kind: str, dumps: Path, seen: Seen, step: str | None, work: Path) -> None:
    """Dump the old server, unless that was done and it is gone."""
    server, catalog = _server(kind), Catalog(dumps)
    if step == "begin":
        moving.begin_dump(server, seen, catalog, work, os.environ, progress)
    else:
        moving.finish_dump(server, catalog, work, progress)


@move_bitnami.command("restore")
@database_options
@step_options
def restore_dump(kind: str, dumps: Path, step: str | None, work: Path) -> None:
    """Restore the dump into the new server, unless that was done."""
    server, catalog = _server(kind), Catalog(dumps)
    if step == "begin":
        moving.begin_restore(server, catalog, work, os.environ, progress)
    else:
        moving.finish_restore(server, catalog, work, progress)


def _server(kind: str) -> Database:
    """Make the database that the variables name; nothing else of the values matters here."""
    reading = for_a_pod([NO_FILE], [f"{kind}.enabled=true"])
    server = tracking_database(reading.values, POD_DATA, reading.bundled_host)
    server.require_driver()
    return server
