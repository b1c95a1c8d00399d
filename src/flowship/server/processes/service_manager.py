"""What a service manager such as systemd is told, where it asks (`Type=notify`): that the server answers, and stops."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

ADDRESS = "NOTIFY_SOCKET"
"""The variable of the socket where systemd listens."""


class ServiceManager:
    """Tells the service manager that started this process; nobody, if none did."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        # Taken out, because it is for this process: gunicorn would say that it is ready before MLflow is.
        address = environ.pop(ADDRESS, "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def ready(self, status: str) -> None:
        """Tell that the server answers, with a line for `systemctl status`."""
        self._tell(f"READY=1\nSTATUS={status}")

    def stopping(self) -> None:
        """Tell that the server was asked to end, and lets requests finish."""
        self._tell("STOPPING=1\nSTATUS=Stopping")

    def _tell(self, state: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifying:
            notifying.connect(self._address)
            notifying.send(state.encode())
