"""`flowship show`: what would run, with every secret masked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowship.artifacts.change import Experiments, roots
from flowship.artifacts.location import artifact_location
from flowship.auth.methods.chosen import chosen
from flowship.cli.terminal.options import data_option, values_options
from flowship.database.from_values import databases
from flowship.database.own_tables.encryption import Keys
from flowship.server.plan.addresses import allowed_hosts, allowed_origins
from flowship.server.plan.options import ServerPlace, environment_from_databases, server_settings
from flowship.values.model.keys import secret_keys
from flowship.values.model.root import Values
from flowship.values.model.server.access import configuration_name
from flowship.values.reading import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowship.database.database import Database
    from flowship.server.plan.settings import ProcessSettings
    from flowship.values.reading.reading import Reading

HIDDEN = "***"


@click.command()
@values_options
@data_option(Path("flowship-data"))
def show(files: Sequence[Path], assignments: Sequence[str], data: Path) -> None:
    """Show what `flowship up` would run, without running it.

    Database addresses, where artifacts go, MLflow's options and environment, where each value comes from, and which
    keys have no effect on this machine. Passwords are shown as ***.
    """
    read = reading.read(files, assignments, os.environ, "fill")
    for title, lines in sections(read, data):
        click.secho(title, bold=True)
        for line in lines or ["none"]:
            click.echo(f"  {line}")


def sections(read: Reading, data: Path) -> Iterator[tuple[str, list[str]]]:
    """Give what is shown: each title and its lines."""
    values = read.values
    found = databases(values, data, read.bundled_host)
    location = artifact_location(values, data)
    place = ServerPlace(
        "127.0.0.1", 5000, data, data / "auth" / configuration_name(values.auth) if found.auth else None
    )
    settings = server_settings(values, place, found, chosen(values, None))
    environment = settings.environment | environment_from_databases(
        HIDDEN, roots(location, None, Experiments()), Keys(HIDDEN, HIDDEN)
    )
    yield "Tracking database", [found.tracking.shown]
    if found.auth is not None:
        yield "Users and permissions", [found.auth.shown]
    yield "Artifacts", [f"{location.uri} ({'through the server' if location.proxied else 'clients reach it directly'})"]
    yield "Server", list(_process(settings.process))
    yield "Environment of the server", list(_environment(environment, values, found.tracking))
    yield "Hosts, besides MLflow's own list", allowed_hosts(values, read.environ)
    yield "Origins, besides localhost", allowed_origins(values, read.environ)
    yield "Where values come from", list(_sources(read))
    yield "No effect on this machine", read.unused_here()
    if missing := list(reading.unresolved(read)):
        yield "Missing on this machine", list(map(str, missing))


def _process(process: ProcessSettings) -> Iterator[str]:
    """List the settings that are not left as they are; databases are shown above, and of signing in only what holds no
    password."""
    sign_in = process.sign_in
    shown_sign_in = {"app": sign_in.app, "authentication": sign_in.method, "cache ttl": sign_in.cache_ttl}
    for name, value in (process.model_dump(mode="json", exclude={"databases", "sign_in"}) | shown_sign_in).items():
        if value not in (None, "", {}):
            yield f"{name.replace('_', ' ')}: {value}"


def _environment(environment: dict[str, str | None], values: Values, tracking: Database) -> Iterator[str]:
    for name, value in sorted(environment.items()):
        if value is None:
            continue
        if value == tracking.served_url:
            yield f"{name}={tracking.shown}"
        else:
            yield f"{name}={HIDDEN if _is_secret(name, values) else value}"


def _is_secret(name: str, values: Values) -> bool:
    """Tell whether a variable is not of a kind that is known to be harmless; what users add may be anything."""
    extra = {key.upper() for key in values.extraEnvVars} | set(values.extraEnvVars)
    return name in extra or any(word in name for word in ("SECRET", "PASSWORD", "KEY", "TOKEN", "CONNECTION_STRING"))


def _sources(read: Reading) -> Iterator[str]:
    secrets = secret_keys()
    for key, variable in sorted(read.variables.items()):
        yield f"{key}: variable {variable}"
    for path, source in sorted(read.loaded.sources.items(), key=str):
        if not _is_leaf(path, read):
            continue
        key = ".".join(map(str, path))
        if key not in read.variables:
            yield f"{key}: {source}{' (secret)' if key in secrets else ''}"


def _is_leaf(path: tuple[str | int, ...], read: Reading) -> bool:
    found = read.loaded.data
    for part in path:
        if isinstance(part, int):
            return False
        found = found[part]
    return not isinstance(found, dict) or not found
