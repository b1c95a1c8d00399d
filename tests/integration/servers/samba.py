"""A domain controller of Active Directory: Samba's, as Debian packages it.

LDAP's ports cannot be changed there, so it listens on an address of loopback that nothing else has. Only root may open
those ports, and it needs no other of its services.
"""

from __future__ import annotations

import os
import random
import secrets
import subprocess
from typing import TYPE_CHECKING

from tests.integration.servers.process import Server, ServerError, find_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    import trustme

REALM = "MLFLOW.TEST"
DOMAIN = "DC=mlflow,DC=test"
ADMINISTRATOR = "Administrator@mlflow.test"


class SambaServer(Server):
    """A domain of its own, with users and groups below `CN=Users`."""

    name = "samba"
    start_limit = 120

    def __init__(self, authority: trustme.CA) -> None:
        super().__init__()
        self.host = f"127.{random.randint(64, 127)}.{random.randint(1, 254)}.{random.randint(1, 254)}"  # noqa: S311
        self.port = 389
        self.password = f"Aa1-{secrets.token_hex(12)}"
        self._certificate = authority.issue_cert(self.host)

    @property
    def uri(self) -> str:
        return f"ldap://{self.host}"

    @property
    def tls_uri(self) -> str:
        return f"ldaps://{self.host}"

    def prepare(self) -> None:
        if os.geteuid() != 0:
            raise ServerError("Samba needs root, to open port 389; run the tests of Active Directory as root")
        for name in ("run", "ncalrpc", "cache"):
            (self.directory / name).mkdir()
        self._certificate.cert_chain_pems[0].write_to_path(str(self.directory / "certificate.pem"))
        key = self.directory / "key.pem"
        key.touch(mode=0o600)
        self._certificate.private_key_pem.write_to_path(str(key))
        self.run(
            [
                find_program("samba-tool"),
                *("domain", "provision", f"--realm={REALM}", "--domain=MLFLOW", "--server-role=dc"),
                *("--dns-backend=NONE", "--host-name=dc", f"--host-ip={self.host}", f"--adminpass={self.password}"),
                f"--targetdir={self.directory}",
                # Not in extended attributes, which a temporary directory may lack.
                f"--option=posix:eadb={self.directory / 'eadb.tdb'}",
            ]
        )

    def command(self) -> list[str]:
        options = {
            "interfaces": f"{self.host}/8",
            "bind interfaces only": "yes",
            "server services": "ldap",
            "disable netbios": "yes",
            "pid directory": self.directory / "run",
            "ncalrpc dir": self.directory / "ncalrpc",
            "cache directory": self.directory / "cache",
            "tls certfile": self.directory / "certificate.pem",
            "tls keyfile": self.directory / "key.pem",
            "tls cafile": "",
        }
        return [
            *(find_program("samba"), "--foreground", "--no-process-group", "--debug-stdout"),
            *("--configfile", str(self._configuration)),
            *(f"--option={name}={value}" for name, value in options.items()),
        ]

    def ask(self) -> None:
        about_itself = ("-x", "-s", "base", "-b", "", "-H", self.uri, "-o", "nettimeout=5")
        subprocess.run([find_program("ldapsearch"), *about_itself], check=True, capture_output=True, timeout=10)

    def add_user(self, name: str, password: str, *names: str) -> None:
        """Make a user; `names` are more options of `samba-tool user create`."""
        self._tool("user", "create", name, password, *names)

    def add_group(self, name: str, members: Sequence[str]) -> None:
        """Make a group with users or groups in it."""
        self._tool("group", "add", name)
        self._tool("group", "addmembers", name, ",".join(members))

    @property
    def _configuration(self) -> str:
        return str(self.directory / "etc" / "smb.conf")

    def _tool(self, *arguments: str) -> None:
        database = str(self.directory / "private" / "sam.ldb")
        self.run([find_program("samba-tool"), *arguments, "-s", self._configuration, "-H", database])
