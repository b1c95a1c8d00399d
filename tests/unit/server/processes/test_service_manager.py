"""What systemd hears."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from flowship.server.processes.service_manager import ADDRESS, ServiceManager

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("abstract", [True, False])
def test_it_hears_that_the_server_answers_and_that_it_stops(abstract: bool, tmp_path: Path) -> None:
    name = f"@flowship-{os.getpid()}" if abstract else str(tmp_path / "notify")
    environ = {ADDRESS: name}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name[1:]}" if abstract else name)
        listening.settimeout(30)
        manager = ServiceManager(environ)
        manager.ready("Serving")
        manager.stopping()

        assert [listening.recv(1000) for _ in range(2)] == [b"READY=1\nSTATUS=Serving", b"STOPPING=1\nSTATUS=Stopping"]
    assert environ == {}, "what this process starts would speak in its name"


def test_where_nobody_listens_nothing_happens(tmp_path: Path) -> None:
    for environ in ({}, {ADDRESS: ""}, {ADDRESS: str(tmp_path / "gone")}):
        ServiceManager(environ).ready("Serving")
