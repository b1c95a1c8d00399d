"""A way to a server of the tests that can be cut, as a network is: TCP connections through a port of its own."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from typing import Self

from tests.integration.servers.process import LOOPBACK
from tests.integration.servers.proxy import pass_on_until_one_ends


class Relay:
    """Passes on what either end says, in threads of the tests; use it in a ``with`` statement."""

    def __init__(self, port: int) -> None:
        """`port` is the server's, on loopback."""
        self.behind = port
        self.open = threading.Event()
        self.open.set()
        self.ends = set[socket.socket]()
        self._server = _RelayServer((LOOPBACK, 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="relay", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.cut()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def cut(self) -> None:
        """End all connections in the middle of what they say, and let none in until `mend`."""
        self.open.clear()
        for end in list(self.ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let connections in again."""
        self.open.set()


class _RelayServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], relay: Relay) -> None:
        super().__init__(address, _Connection)
        self.relay = relay


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _RelayServer)
        relay = self.server.relay
        if not relay.open.is_set():
            return
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, relay.behind)) as upstream:
            ends = {self.request, upstream}
            relay.ends |= ends
            try:
                if relay.open.is_set():  # it may have been cut since
                    pass_on_until_one_ends(self.request, upstream)
            finally:
                relay.ends -= ends
