"""Azure's blob storage, as Azurite emulates it; Azurite is Microsoft's own emulator.

Given an access key, MLflow builds the address ``https://<account>.blob.core.windows.net`` itself. So this server speaks
TLS with a certificate for that very name, and brings a `Proxy` that leads the name to it. A test gives the process that
shall reach it `client_environment()`: HTTPS_PROXY names the proxy, REQUESTS_CA_BUNDLE the certificate authority of the
tests. Nothing else on the machine changes, and nothing leaves it.
"""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any

from azure.storage.blob import BlobServiceClient

from tests.integration.servers.process import TOOLS, Server, find_program
from tests.integration.servers.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import trustme


class AzureServer(Server):
    """A blob server with one storage account, whose key is its own."""

    name = "azure"

    def __init__(self, authority: trustme.CA, account: str = "devstoreaccount1") -> None:
        super().__init__()
        self.account = account
        self.access_key = base64.b64encode(secrets.token_bytes(64)).decode()
        self.account_host = f"{account}.blob.core.windows.net"
        self.proxy = Proxy({self.account_host: self.port})
        self._authority = authority

    @property
    def authority_file(self) -> Path:
        """The certificate authority that signed the server's certificate."""
        return self.directory / "authority.pem"

    @property
    def connection_string(self) -> str:
        """Leads to loopback directly, without the proxy; the client must trust `authority_file`."""
        return (
            f"DefaultEndpointsProtocol=https;AccountName={self.account};AccountKey={self.access_key};"
            f"BlobEndpoint=https://{self.host}:{self.port}/{self.account};"
        )

    def client_environment(self) -> dict[str, str]:
        """What a program needs in its environment to reach the account by its name and key, as MLflow does."""
        return {
            "AZURE_STORAGE_ACCESS_KEY": self.access_key,
            "REQUESTS_CA_BUNDLE": str(self.authority_file),
            **self.proxy.environment(),
        }

    def artifact_uri(self, container: str, path: str = "") -> str:
        """The container as MLflow names it."""
        return f"wasbs://{container}@{self.account_host}/{path}"

    def prepare(self) -> None:
        self._authority.cert_pem.write_to_path(self.authority_file)
        certificate = self._authority.issue_cert(self.account_host, self.host, "localhost")
        certificate.private_key_pem.write_to_path(self.directory / "server.key")
        for index, pem in enumerate(certificate.cert_chain_pems):
            pem.write_to_path(self.directory / "server.crt", append=index > 0)
        self.proxy.__enter__()

    def close(self) -> None:
        try:
            self.proxy.close()
        finally:
            super().close()

    def command(self) -> list[str]:
        return [
            find_program("azurite-blob", TOOLS / "azurite" / "node_modules" / ".bin"),
            *("--blobHost", self.host, "--blobPort", str(self.port), "--location", str(self.directory)),
            *("--cert", str(self.directory / "server.crt"), "--key", str(self.directory / "server.key")),
            # A newer client asks for a version of the protocol that the emulator does not know yet.
            *("--silent", "--disableTelemetry", "--skipApiVersionCheck"),
        ]

    def environment(self) -> Mapping[str, str]:
        return {"AZURITE_ACCOUNTS": f"{self.account}:{self.access_key}"}

    def ask(self) -> None:
        with self.client(retry_total=0) as client:
            list(client.list_containers())

    def client(self, **options: Any) -> BlobServiceClient:
        """The real client, straight to loopback; close it after use."""
        return BlobServiceClient.from_connection_string(
            self.connection_string, connection_verify=str(self.authority_file), **options
        )

    def create_container(self, name: str) -> None:
        with self.client() as client:
            client.create_container(name)

    def object_names(self, container: str) -> list[str]:
        """The names of all blobs of the container, sorted."""
        with self.client() as client:
            return sorted(client.get_container_client(container).list_blob_names())
