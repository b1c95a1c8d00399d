"""`flowship move-bitnami`: what the chart's Jobs run to move a database of Bitnami's, each in two steps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.backup import moving
from flowship.backup.catalog import Catalog
from flowship.cli.data.backup import POD_BACKUPS, step_options
from flowship.cli.terminal.command import below, group
from flowship.cli.terminal.lines import tell
from flowship.cli.terminal.options import POD_DATA, for_a_pod
from flowship.cli.terminal.types import PATH, Choice
from flowship.database.from_values import tracking_database

if TYPE_CHECKING:
    from flowship.backup.moving import Seen
    from flowship.cli.terminal.options import Command
    from flowship.database.database import Database

NO_FILE = Path(os.devnull)


def database_options(command: Command) -> Command:
    """Add the options that say which kind of server, and where its dump is."""
    dumps = click.option("--dumps", type=PATH, default=POD_BACKUPS, help="Directory of the dump.")(command)
    kinds = Choice("postgresql", "mysql")
    return click.option("--kind", type=kinds, required=True, help="The server's section of the values.")(dumps)


@group()
def move_bitnami() -> None:
    """Move a database that chart 0.16.5 had from Bitnami.

    Runs in pods of the chart, which give the server's address, user, database and password as variables.
    """


@below(move_bitnami, {"Its first step": "flowship move-bitnami dump --kind postgresql --step begin"})
@database_options
@click.option(
    "--seen",
    type=Choice("old", "new", "unknown"),
    default="unknown",
    help="Which server the chart saw in the cluster.",
)
@step_options
def dump(kind: str, dumps: Path, seen: Seen, step: str | None, work: Path) -> None:
    """Dump the old server, unless that was done and it is gone."""
    server, catalog = _server(kind), Catalog(dumps)
    if step == "begin":
        moving.begin_dump(server, seen, catalog, work, os.environ, tell)
    else:
        moving.finish_dump(server, catalog, work, tell)


@below(move_bitnami, {"Its first step": "flowship move-bitnami restore --kind postgresql --step begin"}, "restore")
@database_options
@step_options
def restore_dump(kind: str, dumps: Path, step: str | None, work: Path) -> None:
    """Restore the dump into the new server, unless that was done."""
    server, catalog = _server(kind), Catalog(dumps)
    if step == "begin":
        moving.begin_restore(server, catalog, work, os.environ, tell)
    else:
        moving.finish_restore(server, catalog, work, tell)


def _server(kind: str) -> Database:
    """Make the database that the variables name; nothing else of the values matters here."""
    reading = for_a_pod([NO_FILE], [f"{kind}.enabled=true"])
    server = tracking_database(reading.values, POD_DATA, reading.bundled_host)
    server.require_driver()
    return server
