"""An HTTP proxy that leads host names of the Internet to ports of loopback.

MLflow builds some addresses itself, such as ``https://<account>.blob.core.windows.net``. A program whose HTTPS_PROXY is
this proxy asks it for a tunnel to that name, and talks TLS through the tunnel to the test's own server. Neither the
machine's name service nor /etc/hosts is touched, and a name that is not routed is refused.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import socketserver
import threading
from typing import TYPE_CHECKING, Self

from tests.integration.servers.process import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping


class Proxy:
    """A proxy for TLS connections in a thread of the tests; use it in a ``with`` statement."""

    host = LOOPBACK

    def __init__(self, routes: Mapping[str, int]) -> None:
        """`routes` maps a host name, such as ``account.blob.core.windows.net``, to a port of loopback."""
        self.routes = dict(routes)
        self.asked: list[str] = []
        """The host names that clients wanted to reach, in order, whether or not they were routed."""
        self._tunnels: set[socket.socket] = set()
        self._server = _TunnelServer((LOOPBACK, 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="proxy", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to go through this proxy, except to loopback."""
        names = ("HTTPS_PROXY", "https_proxy")
        return {**dict.fromkeys(names, self.url), "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End all tunnels and the proxy."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        for end in list(self._tunnels):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._server.server_close()  # waits for the tunnels' threads

    def tunnel(self, client: socket.socket, upstream: socket.socket) -> None:
        """Pass on what either end sends, until one of them ends."""
        ends = {client, upstream}
        self._tunnels.update(ends)
        try:
            pass_on_until_one_ends(client, upstream)
        finally:
            self._tunnels.difference_update(ends)


class _TunnelServer(socketserver.ThreadingTCPServer):
    def __init__(self, address: tuple[str, int], proxy: Proxy) -> None:
        super().__init__(address, _TunnelRequest)
        self.proxy = proxy


class _TunnelRequest(socketserver.StreamRequestHandler):
    """One client: ``CONNECT host:port`` (RFC 9110, 9.3.6), then whatever the two ends say to each other."""

    rbufsize = 0  # what follows the request's head belongs to the tunnel

    def handle(self) -> None:
        assert isinstance(self.server, _TunnelServer)
        proxy = self.server.proxy
        method, target = self.rfile.readline().decode("latin-1").split()[:2]
        while self.rfile.readline().strip():
            pass
        host = target.rpartition(":")[0]
        proxy.asked.append(host)
        if method != "CONNECT" or host not in proxy.routes:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, proxy.routes[host])) as upstream:
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            proxy.tunnel(self.request, upstream)


def pass_on_until_one_ends(client: socket.socket, upstream: socket.socket) -> None:
    """Pass on what either end sends, until one of them ends."""
    with selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ, upstream)
        selector.register(upstream, selectors.EVENT_READ, client)
        while all(_pass_on(key.fileobj, key.data) for key, _ in selector.select()):
            pass


def _pass_on(source: object, sink: socket.socket) -> bool:
    assert isinstance(source, socket.socket)
    data = source.recv(65536)
    sink.sendall(data)
    return bool(data)
