"""Google Cloud Storage, as fake-gcs-server emulates it; Google offers no server of its own to run."""

from __future__ import annotations

from typing import Any

import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from tests.integration.servers.process import TOOLS, Server, find_program


class GcsServer(Server):
    """A GCS server that lets everybody in, as the client expects of an emulator."""

    name = "gcs"
    project = "flowship-test"

    @property
    def endpoint_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def client_environment(self) -> dict[str, str]:
        """What Google's client needs in its environment to reach this server, without credentials."""
        return {"STORAGE_EMULATOR_HOST": self.endpoint_url}

    def command(self) -> list[str]:
        return [
            find_program("fake-gcs-server", TOOLS),
            *("-scheme", "http", "-host", self.host, "-port", str(self.port)),
            *("-public-host", f"{self.host}:{self.port}", "-external-url", self.endpoint_url),
            *("-backend", "filesystem", "-filesystem-root", str(self.directory / "buckets")),
            *("-log-level", "warn"),
        ]

    def ask(self) -> None:
        requests.get(f"{self.endpoint_url}/storage/v1/b", timeout=5).raise_for_status()

    def client(self) -> Any:
        """The real client, Google's; close it after use."""
        return storage.Client(
            project=self.project,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.endpoint_url},
        )

    def create_bucket(self, name: str) -> None:
        client = self.client()
        client.create_bucket(name)
        client.close()

    def object_names(self, bucket: str) -> list[str]:
        """The names of all objects of the bucket, sorted."""
        client = self.client()
        names = sorted(blob.name for blob in client.list_blobs(bucket))
        client.close()
        return names
