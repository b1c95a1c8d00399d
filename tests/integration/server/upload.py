"""A file that a client sends through the artifact proxy a byte at a time: a request as long as a test wants."""

from __future__ import annotations

import time
from http.client import HTTPException
from typing import TYPE_CHECKING, Self

from tests.integration.server.asking import ARTIFACTS, connect

if TYPE_CHECKING:
    from collections.abc import Mapping


class Upload:
    """A request that runs, since its first byte is sent at once; use it in a ``with`` statement."""

    def __init__(self, address: str, name: str, size: int, headers: Mapping[str, str] | None = None) -> None:
        self._connection = connect(address)
        self._left = size
        self._connection.putrequest("PUT", f"{ARTIFACTS}/{name}")
        for header, value in {"Content-Length": str(size), **(headers or {})}.items():
            self._connection.putheader(header, value)
        self._connection.endheaders()
        self._send_one()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def finish(self, pause: float) -> int:
        """Send the rest with a pause before each byte, and give the status of the answer."""
        while self._left:
            time.sleep(pause)  # a slow client, not a synchronisation
            self._send_one()
        return self._connection.getresponse().status

    def is_cut_off(self) -> bool:
        """Whether the server has ended the connection without an answer; waits for that."""
        try:
            self._connection.getresponse()
        except (OSError, HTTPException):
            return True
        return False

    def _send_one(self) -> None:
        self._connection.send(b"x")
        self._left -= 1
