"""Places that everything moves between, each with a database and a store of another kind."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from flowship.database.drivers import MYSQL, PSYCOPG2
from flowship.database.own_tables import unfinished_move
from flowship.database.url import sqlite_url
from flowship.mlflow_seams.artifacts.clients import artifact_repository
from flowship.moving.rows.keys import MISSING
from tests.databases import tracking_at
from tests.integration.artifacts.conftest import azure_values, s3_values
from tests.integration.database.places import url_of
from tests.integration.flowship import write_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import URL

    from flowship.database.database import Database
    from tests.integration.servers.azure import AzureServer
    from tests.integration.servers.mariadb import MariadbServer
    from tests.integration.servers.postgres import PostgresServer
    from tests.integration.servers.s3 import S3Server


@dataclass(frozen=True)
class Place:
    """A database and a store, as values name them."""

    name: str
    url: URL
    root: str
    data: Path
    values: Path
    environment: Mapping[str, str]
    """What a client of its store needs."""

    @property
    def database(self) -> Database:
        return tracking_at(self.url)

    def how_far(self) -> str:
        """Tell how far a move into it is, from what it keeps itself."""
        if self.database.is_file and not self.database.file.exists():
            return "nothing is there"
        found = unfinished_move.find(self.database.engine())
        if found is None:
            return "nothing is noted"
        missing = sum(len(state["keys"]) for name, state in found.items() if name.startswith(MISSING))
        done = sum(bool(state.get("done")) for state in found.values())
        at = "".join(f", {name} at {state['rows']}" for name, state in found.items() if state.get("done") is False)
        return f"{done} tables{at}, {missing} keys to make"

    def files(self) -> dict[str, int]:
        """All artifacts, with their sizes; whoever asks has the environment of its client."""
        from flowship.artifacts.contents import list_files

        return {file.path: file.size for file in list_files(artifact_repository(self.root))}


@dataclass(frozen=True)
class Servers:
    """What places are made of."""

    postgres: PostgresServer
    mariadb: MariadbServer
    s3: S3Server
    azure: AzureServer
    directory: Path

    def place(self, kind: str) -> Place:
        """Make an empty one: a directory, or a database and a bucket or container."""
        name = f"{kind}-{token_hex(4)}"
        data = self.directory / name
        data.mkdir()
        url, root, values, environment = getattr(self, f"_{kind}")(name, data)
        return Place(name, url, root, data, write_values(data / "values.yaml", values), environment)

    def _sqlite(self, name: str, data: Path) -> tuple[URL, str, dict[str, Any], dict[str, str]]:
        (data / "artifacts").mkdir()
        return sqlite_url(data / "mlflow.db"), (data / "artifacts").as_uri(), {}, {}

    def _postgres(self, name: str, data: Path) -> tuple[URL, str, dict[str, Any], dict[str, str]]:
        database = self.postgres.fresh_database()
        self.s3.create_bucket(name)
        artifacts = s3_values(self.s3, name, proxiedArtifactStorage=True)
        values = {"backendStore": {"postgres": database.section()}, **artifacts}
        return url_of(database, PSYCOPG2), f"s3://{name}", values, self.s3.client_environment()

    def _mariadb(self, name: str, data: Path) -> tuple[URL, str, dict[str, Any], dict[str, str]]:
        database, secret = self.mariadb.fresh_database(), {"accessKey": self.azure.access_key}
        self.azure.create_container(name)
        artifacts = azure_values(self.azure, name, secret, proxiedArtifactStorage=True)
        values = {"backendStore": {"mysql": database.section()}, **artifacts}
        root = self.azure.artifact_uri(name).rstrip("/")
        return url_of(database, MYSQL), root, values, self.azure.client_environment()
