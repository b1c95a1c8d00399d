"""From values that were read to what is started, with what only this machine and MLflow itself know."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from flowship.auth.methods.chosen import chosen
from flowship.server import this_process
from flowship.server.new_program import NewProgram
from flowship.server.plan.addresses import allowed_hosts, allowed_origins
from flowship.server.plan.options import ServerPlace, ServerSettings, server_settings
from flowship.values.model.variables import extra_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowship.database.database import Databases
    from flowship.values.reading.reading import Reading

__all__ = ["ServerPlace", "own_names", "server", "settings_for"]

EVERY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104 - compared, not listened on
READ_REPLICA = "MLFLOW_READ_REPLICA_BACKEND_STORE_URI"
"""A setting of MLflow that may hold a password, so only a variable can give it."""
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def settings_for(reading: Reading, place: ServerPlace, databases: Databases) -> ServerSettings:
    """Return what to start at this place."""
    names = own_names(place.host)
    origins = [f"http://{name}:{place.port}" for name in names]
    return server_settings(
        reading.values,
        place,
        databases,
        chosen(reading.values, reading.environ),
        hosts=allowed_hosts(reading.values, reading.environ, names),
        origins=allowed_origins(reading.values, reading.environ, origins),
        read_replica={**reading.environ, **extra_variables(reading.values.extraEnvVars)}.get(READ_REPLICA),
    )


class Server(Protocol):
    """A process that will serve."""

    def serve(self, found: Mapping[str, str | None]) -> None:
        """Serve until the end, with the variables that preparing found out.

        Raises:
            ServerError: MLflow cannot be loaded with these settings.
            SystemExit: at the end.
        """


@contextmanager
def server(reading: Reading, place: ServerPlace, databases: Databases) -> Iterator[Server]:
    """Give the process that will serve, ready for what is prepared first: this one, or a new program if a variable of
    the values needs one."""
    settings = settings_for(reading, place, databases)
    if this_process.takes_a_new_process(extra_variables(reading.values.extraEnvVars)):
        yield NewProgram(settings.process, settings.environment, place.data)
        return
    this_process.enter(settings.environment, place.data)
    with this_process.ready_for_mlflow(settings.process) as ready:
        yield ready


def own_names(host: str) -> list[str]:
    """Give the names and addresses under which a server that listens on `host` is reached, besides localhost."""
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
