"""`flowship backups`: what backups there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowship.cli.data.backup import directory_option, open_catalog
from flowship.cli.terminal.command import below, group
from flowship.cli.terminal.lines import as_json
from flowship.cli.terminal.options import for_a_person, output_option, values_options
from flowship.status.report import shown_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flowship.backup.manifest import Manifest


@group()
def backups() -> None:
    """Look at backups that were taken."""


@below(backups, {"Those in an object store": "flowship backups list -f values.yaml --from s3://bucket/backups"}, "list")
@values_options
@directory_option("--from", "Directory, or address in an object store, that backups are kept in.")
@output_option
def list_backups(files: Sequence[Path], assignments: Sequence[str], place: str, output: str) -> None:
    """List the good backups, oldest first.

    With their size, the MLflow that they are of, and databases.
    """
    values = for_a_person(files, assignments).values
    with open_catalog(place, None, values) as catalog:
        found = catalog.good()
    if output == "json":
        as_json([_said(manifest) for manifest in found])
    elif not found:
        click.echo(catalog.absent() or f"{place} holds no good backup", err=True)
    else:
        for manifest in found:
            parts = ", ".join(f"{part} ({dump.kind})" for part, dump in manifest.databases.items())
            click.echo(f"{manifest.name}  {shown_size(_size(manifest)):>8}  MLflow {manifest.mlflow}  {parts}")


def _said(manifest: Manifest) -> dict[str, object]:
    return {
        "name": manifest.name,
        "time": manifest.time.isoformat(),
        "size": _size(manifest),
        "flowship": manifest.flowship,
        "mlflow": manifest.mlflow,
        "databases": {str(part): dump.kind for part, dump in manifest.databases.items()},
    }


def _size(manifest: Manifest) -> int:
    return sum(dump.size for dump in manifest.databases.values())
