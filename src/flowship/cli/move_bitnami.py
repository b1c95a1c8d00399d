"""`flowship move-bitnami`: what the chart's Jobs run to move a database of Bitnami's, each in two steps."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.backup import moving
from flowship.backup.catalog import Catalog
from flowship.backup.place import Place
from flowship.cli.backup import POD_BACKUPS, step_options
from flowship.cli.options import PATH, POD_DATA, for_a_pod, progress
from flowship.database.url import require_driver, tracking_key, tracking_url

if TYPE_CHECKING:
    from flowship.backup.moving import Seen
    from flowship.cli.options import Command

NO_FILE = Path(os.devnull)


def database_options(command: Command) -> Command:
    """Which kind of server, and where its dump is."""
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
    place, catalog = _place(kind), Catalog(dumps)
    if step == "begin":
        moving.begin_dump(place, seen, catalog, work, os.environ, progress)
    else:
        moving.finish_dump(place, catalog, work, progress)


@move_bitnami.command("restore")
@database_options
@step_options
def restore_dump(kind: str, dumps: Path, step: str | None, work: Path) -> None:
    """Restore the dump into the new server, unless that was done."""
    place, catalog = _place(kind), Catalog(dumps)
    if step == "begin":
        moving.begin_restore(place, catalog, work, os.environ, progress)
    else:
        moving.finish_restore(place, catalog, work, progress)


def _place(kind: str) -> Place:
    """The server that the variables name; nothing else of the values matters here."""
    reading = for_a_pod([NO_FILE], [f"{kind}.enabled=true"])
    url = tracking_url(reading.values, POD_DATA, reading.bundled_host)
    key = tracking_key(reading.values)
    require_driver(url, key)
    return Place("tracking", url, key)
