"""From values that were read to what is started, with what only this machine and MLflow itself know."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from flowship.auth.directory.settings import directory_settings
from flowship.server import process, serving
from flowship.server.plan.addresses import allowed_hosts, allowed_origins
from flowship.server.plan.options import Place, ServerSettings, applied, server_settings
from flowship.values.model.variables import extra_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowship.server.plan.databases import Databases
    from flowship.values.reading.reading import Reading

__all__ = ["Place", "own_names", "serve", "settings_for"]

EVERY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104 - compared, not listened on
READ_REPLICA = "MLFLOW_READ_REPLICA_BACKEND_STORE_URI"
"""A setting of MLflow that may hold a password, so only a variable can give it."""
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def settings_for(reading: Reading, place: Place, urls: Databases) -> ServerSettings:
    """What to start at this place."""
    names = own_names(place.host)
    origins = [f"http://{name}:{place.port}" for name in names]
    return server_settings(
        reading.values,
        place,
        urls,
        hosts=allowed_hosts(reading.values, reading.environ, names),
        origins=allowed_origins(reading.values, reading.environ, origins),
        directory=directory_settings(reading.values, reading.environ) if reading.values.ldapAuth.enabled else None,
        read_replica={**reading.environ, **extra_variables(reading.values.extraEnvVars)}.get(READ_REPLICA),
    )


def serve(reading: Reading, place: Place, urls: Databases, prepare: Callable[[], Mapping[str, str | None]]) -> None:
    """Prepare, and serve in this process: in a new program if a variable of the values needs one. `prepare` returns the
    variables that it found out.

    Raises:
        FlowshipError: preparing failed, or MLflow cannot be loaded with these settings.
        SystemExit: at the end.
    """
    settings = settings_for(reading, place, urls)
    if serving.takes_a_new_process(extra_variables(reading.values.extraEnvVars)):
        environ = applied(os.environ, {**settings.environment, **prepare()})
        process.replace_this_process(settings.process, environ, place.data)
    serving.become(settings.environment, place.data)
    serving.serve(settings.process, prepare)


def own_names(host: str) -> list[str]:
    """The names and addresses under which a server that listens on `host` is reached, besides localhost."""
    if host in LOOPBACK:
        return []
    if host not in EVERY_ADDRESS:
        return [_in_url(host)]
    name = socket.gethostname()
    return list(dict.fromkeys([name, socket.getfqdn(name), *_addresses(name)]))


def _addresses(name: str) -> list[str]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError:  # a machine that cannot look up its own name
        return []
    return [_in_url(str(address[0])) for *_, address in found]


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address
