"""nginx, as Debian packages it, with one block `server` as a page of the docs shows it."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

from tests.integration.servers.process import Server, find_program

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
daemon off;
master_process off;
error_log stderr;
pid {directory}/pid;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {block}
}}
"""


class Nginx(Server):
    """Serves HTTPS with this certificate in front of another server; what the block names elsewhere is put in."""

    name = "nginx"

    def __init__(self, block: str, places: dict[str, str], certificate: Path) -> None:
        super().__init__()
        self._block = block
        self._places = places
        self._certificate = certificate

    def prepare(self) -> None:
        block = self._block.replace("listen 443 ssl", f"listen {self.host}:{self.port} ssl")
        for said, here in self._places.items():
            assert said in block
            block = block.replace(said, here)
        (self.directory / "nginx.conf").write_text(SETTINGS.format(directory=self.directory, block=block))

    def command(self) -> list[str]:
        return [find_program("nginx"), "-p", str(self.directory), "-c", str(self.directory / "nginx.conf")]

    def ask(self) -> None:
        context = ssl.create_default_context(cafile=self._certificate)
        context.check_hostname = False
        with socket.create_connection((self.host, self.port), timeout=10) as connection:
            context.wrap_socket(connection).close()
