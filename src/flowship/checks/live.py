"""Tries what values name, for `flowship check --live`: each check ends in a sentence."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from flowship.artifacts import elsewhere
from flowship.artifacts.credentials import client_environment
from flowship.artifacts.location import artifact_location
from flowship.artifacts.places import Allowed
from flowship.artifacts.ways import ways
from flowship.auth.methods.chosen import chosen
from flowship.auth.workloads.settings import workload_settings
from flowship.check import Check
from flowship.checks import artifacts as artifact_trial
from flowship.checks import capacity, migration
from flowship.checks import database as database_trial
from flowship.mlflow_seams.server.app import PROXIED_ROOT
from flowship.server.environment import change_environment
from flowship.server.plan.options import beside_extra
from flowship.server.plan.settings import WORKERS
from flowship.server.prepare.preparation import usable_databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flowship.database.database import Database
    from flowship.values.model.root import Values
    from flowship.values.reading.reading import Reading


def tried(reading: Reading, data: Path) -> Iterator[Check]:
    """Try databases, directory, object store and host names, one after the other."""
    values = reading.values
    databases = usable_databases(reading, data)
    yield from _database(databases.tracking)
    yield from _capacity(reading, databases.tracking)
    if databases.auth is not None:
        yield from _database(databases.auth)
    yield from chosen(values, reading.environ).check(reading.environ)
    yield from _workloads(values)
    yield _store(values, data)
    yield Check(
        works=True, sentence=ways(artifact_location(values, data), values.artifactRoot.directTransfer, os.environ)
    )
    yield from _elsewhere(databases.tracking, values, data)
    yield from _hosts(values)


def _workloads(values: Values) -> Iterator[Check]:
    if found := workload_settings(values):
        from flowship.auth.workloads.check import checks  # needs an extra

        yield from checks(found)


def _database(database: Database) -> Iterator[Check]:
    found = database_trial.outcome(database)
    yield found
    if found.works:
        yield from migration.outcomes(database)


def _capacity(reading: Reading, tracking: Database) -> Iterator[Check]:
    values = reading.values
    found = capacity.outcome(
        tracking,
        workers=int(values.extraArgs.get("workers") or WORKERS),
        pods=values.autoscaling.maxReplicas if values.autoscaling.enabled else values.replicaCount,
        environ=reading.environ,
    )
    if found:
        yield found


def _store(values: Values, data: Path) -> Check:
    location = artifact_location(values, data)
    if not location.key and not data.exists():
        return Check(True, f"artifacts: {data} will be made by flowship up")
    change_environment(beside_extra(values, client_environment(values)))
    failure = artifact_trial.failure(location)
    return Check(failure is None, failure or f"{location.uri}: a small object was written, read and deleted")


def _elsewhere(tracking: Database, values: Values, data: Path) -> Iterator[Check]:
    """Tell what clients keep at places that they could not name now."""
    location = artifact_location(values, data)
    roots = (PROXIED_ROOT,) if location.proxied else (location.uri, PROXIED_ROOT)
    if found := elsewhere.sentence(tracking, Allowed(roots, tuple(values.artifactRoot.allowedLocations))):
        yield Check(True, found)


def _hosts(values: Values) -> Iterator[Check]:
    ingress = [host.host for host in values.ingress.hosts if values.ingress.enabled and host.host]
    route = values.httpRoute.hostnames if values.httpRoute.enabled else []
    for host in dict.fromkeys([*ingress, *route, *values.allowedHosts]):
        name = host.partition(":")[0]
        if "*" in name:
            continue
        try:
            socket.getaddrinfo(name, None)
        except OSError:
            yield Check(False, f"{name}: this host name is not known here; add it to your DNS")
        else:
            yield Check(True, f"{name}: this host name is known")
