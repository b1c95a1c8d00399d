"""The inner port while the databases are prepared by the process that will serve.

A migration may take longer than a startup probe waits: this process is well, `/health`, and not ready, anything else.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_REQUEST = 3.0
"""Seconds for which one client may keep others, and the end, waiting."""


class _Answers(BaseHTTPRequestHandler):
    timeout = LONGEST_REQUEST

    def do_GET(self) -> None:
        """Answer a probe."""
        alive = self.path == "/health"
        content = b"OK" if alive else b"The databases are being prepared.\n"
        self.send_response(HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name of the class above
        """Leave probes out of the log."""


class _Server(HTTPServer):
    def __init__(self, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Answers)


@contextmanager
def answering(host: str, port: int) -> Iterator[int]:
    """Answer probes while something is prepared. The port, which the system chooses for 0, is free again afterwards."""
    server = _Server(host, port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="answers while preparing")
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
