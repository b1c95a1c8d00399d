"""The real servers of the integration tests. Each starts when the first test asks for it, once per test worker.

A test that stops, kills or freezes a server starts one of its own, `with PostgresServer() as server:`, rather than the
shared one.
"""

from __future__ import annotations

import signal
from functools import cache
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.integration.legacy.data import Kind, LegacyData, legacy_data
from tests.integration.servers.azure import AzureServer
from tests.integration.servers.gcs import GcsServer
from tests.integration.servers.mariadb import MariadbServer
from tests.integration.servers.postgres import PostgresServer
from tests.integration.servers.s3 import S3Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.integration.servers.database import Database

# A shell that starts the tests in its background has them ignore Ctrl-C, and so would the servers that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def certificate_authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariadbServer]:
    with MariadbServer() as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture(scope="session")
def azure(certificate_authority: trustme.CA) -> Iterator[AzureServer]:
    with AzureServer(certificate_authority) as server:
        yield server


@pytest.fixture(scope="session")
def gcs() -> Iterator[GcsServer]:
    with GcsServer() as server:
        yield server


@pytest.fixture
def postgres_database(postgres: PostgresServer) -> Callable[[], Database]:
    """Makes an empty PostgreSQL database with a user of its own, at each call another."""
    return postgres.fresh_database


@pytest.fixture
def mariadb_database(mariadb: MariadbServer) -> Callable[[], Database]:
    """Makes an empty MariaDB database with a user of its own, at each call another."""
    return mariadb.fresh_database


@pytest.fixture(scope="session")
def legacy(request: pytest.FixtureRequest) -> Callable[[Kind], LegacyData]:
    """What the real MLflow 2.22.0 left in a database of this kind; `copy_to` gives a test a copy of its own."""

    @cache
    def of_kind(kind: Kind) -> LegacyData:
        return legacy_data(kind, None if kind == "sqlite" else request.getfixturevalue(kind))

    return of_kind
