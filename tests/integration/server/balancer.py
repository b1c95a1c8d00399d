"""A balancer as a Service is one: it gives each new connection to an instance that was ready when last asked."""

from __future__ import annotations

import contextlib
import itertools
import socket
import socketserver
import threading
from collections import Counter
from http.client import HTTPException
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from tests.integration.server.asking import ask
from tests.integration.servers.process import LOOPBACK
from tests.integration.servers.proxy import pass_on_until_one_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

PERIOD = 0.5
"""Seconds between two looks at an instance's readiness; endpoints follow slower than that, but within the delay."""


class Balancer:
    """Runs in threads of the tests; use it in a ``with`` statement."""

    def __init__(self, instances: Sequence[tuple[str, str]]) -> None:
        """`instances` are the addresses of main and inner ports."""
        self._instances = instances
        self._ready = [address for address, _ in instances]
        self._turn = itertools.count()
        self.chosen: Counter[str] = Counter()
        """How many connections each address was given."""
        self._stop = threading.Event()
        self._server = _Connections((LOOPBACK, 0), self)
        self._threads = [
            threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True),
            threading.Thread(target=self._follow, daemon=True),
        ]

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server.server_close()

    def choose(self) -> str:
        """The instance that the next connection goes to."""
        ready = self._ready
        chosen = ready[next(self._turn) % len(ready)]
        self.chosen[chosen] += 1
        return chosen

    def _follow(self) -> None:
        while not self._stop.wait(PERIOD):
            self._ready = [address for address, inner in self._instances if _is_ready(inner)]


def _is_ready(inner: str) -> bool:
    try:
        return ask(inner, "/ready").status == 200
    except (OSError, HTTPException):
        return False


class _Connections(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], balancer: Balancer) -> None:
        super().__init__(address, _Connection)
        self.balancer = balancer


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Connections)
        parts = urlsplit(self.server.balancer.choose())
        with (
            contextlib.suppress(OSError),
            socket.create_connection((parts.hostname, parts.port or 0)) as upstream,
        ):
            pass_on_until_one_ends(self.request, upstream)
