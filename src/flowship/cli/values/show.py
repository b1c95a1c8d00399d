"""`flowship show`: what would run, with every secret masked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from flowship.artifacts.change import Experiments, roots
from flowship.artifacts.location import artifact_location
from flowship.auth.methods.chosen import chosen
from flowship.cli.terminal.command import command
from flowship.cli.terminal.lines import as_json
from flowship.cli.terminal.options import data_option, output_option, values_options
from flowship.database.from_values import databases
from flowship.database.own_tables.encryption import Keys
from flowship.server.plan.addresses import allowed_hosts, allowed_origins
from flowship.server.plan.options import ServerPlace, environment_from_databases, server_settings
from flowship.values.model.keys import secret_keys
from flowship.values.model.root import Values
from flowship.values.model.server.access import configuration_name
from flowship.values.reading import reading
from flowship.values.reading.unresolved import unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from flowship.artifacts.location import ArtifactLocation
    from flowship.database.database import Database
    from flowship.server.plan.settings import ProcessSettings
    from flowship.values.reading.reading import Reading

HIDDEN = "***"


@command(
    examples={
        "What `flowship up -f values.yaml` would run": "flowship show -f values.yaml",
        "The same, for a program": "flowship show -f values.yaml --output json",
    }
)
@values_options
@data_option(Path("flowship-data"))
@output_option
def show(files: Sequence[Path], assignments: Sequence[str], data: Path, output: str) -> None:
    """Show what `flowship up` would run, without running it.

    Database addresses, where artifacts go, MLflow's options and environment, where each value comes from, and which
    keys have no effect on this machine. Passwords are shown as ***.
    """
    read = reading.read(files, assignments, os.environ, "fill")
    if output == "json":
        as_json({each.name: each.found for each in sections(read, data)})
        return
    for each in sections(read, data):
        click.secho(each.title, bold=True)
        for line in each.lines() or ["none"]:
            click.echo(f"  {line}")


class Part(NamedTuple):
    """A part of what is shown."""

    name: str
    """What programs call it."""
    title: str
    found: Sequence[str] | Mapping[str, str]
    between: str = ": "
    """What stands between a name and its value."""

    def lines(self) -> list[str]:
        """Give what people read."""
        if isinstance(self.found, dict):
            return [f"{name}{self.between}{value}" for name, value in self.found.items()]
        return list(self.found)


def sections(read: Reading, data: Path) -> Iterator[Part]:
    """Give what is shown."""
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
    yield Part("trackingDatabase", "Tracking database", [found.tracking.shown])
    if found.auth is not None:
        yield Part("usersDatabase", "Users and permissions", [found.auth.shown])
    yield Part("artifacts", "Artifacts", [_artifacts(location)])
    yield Part("server", "Server", dict(_process(settings.process)))
    yield Part("environment", "Environment of the server", dict(_environment(environment, values, found.tracking)), "=")
    yield Part("hosts", "Hosts, besides MLflow's own list", allowed_hosts(values, read.environ))
    yield Part("origins", "Origins, besides localhost", allowed_origins(values, read.environ))
    yield Part("sources", "Where values come from", dict(_sources(read)))
    yield Part("unused", "No effect on this machine", read.unused_here())
    if missing := list(unresolved(read)):
        yield Part("missing", "Missing on this machine", list(map(str, missing)))


def _artifacts(location: ArtifactLocation) -> str:
    return f"{location.uri} ({'through the server' if location.proxied else 'clients reach it directly'})"


def _process(process: ProcessSettings) -> Iterator[tuple[str, str]]:
    """List the settings that are not left as they are; databases are shown above, and of signing in only what holds no
    password."""
    sign_in = process.sign_in
    shown_sign_in = {"app": sign_in.app, "authentication": sign_in.method, "cache ttl": sign_in.cache_ttl}
    for name, value in (process.model_dump(mode="json", exclude={"databases", "sign_in"}) | shown_sign_in).items():
        if value not in (None, "", {}):
            yield name.replace("_", " "), str(value)


def _environment(environment: dict[str, str | None], values: Values, tracking: Database) -> Iterator[tuple[str, str]]:
    for name, value in sorted(environment.items()):
        if value is None:
            continue
        if value == tracking.served_url:
            yield name, tracking.shown
        else:
            yield name, HIDDEN if _is_secret(name, values) else value


def _is_secret(name: str, values: Values) -> bool:
    """Tell whether a variable is not of a kind that is known to be harmless; what users add may be anything."""
    extra = {key.upper() for key in values.extraEnvVars} | set(values.extraEnvVars)
    return name in extra or any(word in name for word in ("SECRET", "PASSWORD", "KEY", "TOKEN", "CONNECTION_STRING"))


def _sources(read: Reading) -> Iterator[tuple[str, str]]:
    secrets = secret_keys()
    for key, variable in sorted(read.variables.items()):
        yield key, f"variable {variable}"
    for path, source in sorted(read.loaded.sources.items(), key=str):
        if not _is_leaf(path, read):
            continue
        key = ".".join(map(str, path))
        if key not in read.variables:
            yield key, f"{source}{' (secret)' if key in secrets else ''}"


def _is_leaf(path: tuple[str | int, ...], read: Reading) -> bool:
    found = read.loaded.data
    for part in path:
        if isinstance(part, int):
            return False
        found = found[part]
    return not isinstance(found, dict) or not found
