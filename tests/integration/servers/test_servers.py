"""Each server of the tests does what it is there for, through its real client."""

from __future__ import annotations

import base64
import string
from typing import TYPE_CHECKING, Any

import boto3
import psycopg
import pymysql
import pytest
import requests
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient
from botocore.exceptions import ClientError
from google.cloud import storage

from tests.integration.servers.mariadb import MariadbServer
from tests.integration.servers.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import trustme

    from tests.integration.servers.azure import AzureServer
    from tests.integration.servers.database import Database
    from tests.integration.servers.gcs import GcsServer
    from tests.integration.servers.s3 import S3Server

AWKWARD = "é ß \"quoted\" 'single' `back` 100% _under\\ $x ü"


def log_in_to_postgres(database: Database, **options: str) -> str:
    with psycopg.connect(
        host=database.host,
        port=database.port,
        user=database.user,
        password=database.password,
        dbname=database.name,
        **options,  # type: ignore[arg-type]
    ) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS runs (id int)")
        (row,) = connection.execute("SELECT current_database()").fetchall()
        return str(row[0])


def log_in_to_mariadb(database: Database, **options: Any) -> str:
    with (
        pymysql.connect(
            host=database.host,
            port=database.port,
            user=database.user.encode(),
            password=database.password.encode(),
            database=database.name,
            **options,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("CREATE TABLE IF NOT EXISTS runs (id int)")
        cursor.execute("SELECT database()")
        return str(cursor.fetchall()[0][0])


def test_a_postgres_database_has_a_user_of_its_own(postgres_database: Callable[[], Database]) -> None:
    one, other = postgres_database(), postgres_database()

    assert log_in_to_postgres(one) == one.name
    assert log_in_to_postgres(other) == other.name


def test_postgres_takes_any_name_and_any_password(postgres: PostgresServer) -> None:
    database = postgres.create_database("db " + AWKWARD, "user " + AWKWARD, string.printable + AWKWARD)

    assert log_in_to_postgres(database) == database.name


def test_postgres_comes_back_with_its_data_after_a_kill(certificate_authority: trustme.CA, tmp_path: Path) -> None:
    certificate = certificate_authority.issue_cert("127.0.0.1", "localhost")
    root = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(root)
    with PostgresServer(certificate, tls_only=True) as server:
        database = server.fresh_database()
        server.freeze()
        with pytest.raises(psycopg.OperationalError, match="timeout"):
            log_in_to_postgres(database, connect_timeout="2")
        server.thaw()
        log_in_to_postgres(database)
        server.kill()
        with pytest.raises(psycopg.OperationalError, match="refused"):
            log_in_to_postgres(database)
        server.start()

        assert log_in_to_postgres(database, sslmode="verify-full", sslrootcert=str(root)) == database.name
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            log_in_to_postgres(database, sslmode="disable")


def test_a_mariadb_database_has_a_user_of_its_own(mariadb_database: Callable[[], Database]) -> None:
    one, other = mariadb_database(), mariadb_database()

    assert log_in_to_mariadb(one) == one.name
    assert log_in_to_mariadb(other) == other.name
    with pytest.raises(pymysql.err.OperationalError, match="denied"):
        log_in_to_mariadb(type(one)(one.host, one.port, other.name, one.user, one.password))


def test_mariadb_takes_any_name_and_any_password(mariadb: MariadbServer) -> None:
    database = mariadb.create_database("db " + AWKWARD, "user " + AWKWARD, string.printable + AWKWARD)

    assert log_in_to_mariadb(database) == database.name


def test_mariadb_comes_back_with_its_data_after_a_kill(certificate_authority: trustme.CA, tmp_path: Path) -> None:
    certificate = certificate_authority.issue_cert("127.0.0.1", "localhost")
    root = tmp_path / "ca.pem"
    certificate_authority.cert_pem.write_to_path(root)
    with MariadbServer(certificate, tls_only=True) as server:
        database = server.fresh_database()
        verified = {"ssl_ca": str(root), "ssl_verify_cert": True, "ssl_verify_identity": True}
        log_in_to_mariadb(database, **verified)
        server.freeze()
        with pytest.raises(pymysql.err.OperationalError, match="timed out"):
            log_in_to_mariadb(database, read_timeout=1, connect_timeout=1)
        server.kill()
        with pytest.raises(pymysql.err.OperationalError, match="refused"):
            log_in_to_mariadb(database)
        server.start()

        assert log_in_to_mariadb(database, **verified) == database.name
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            log_in_to_mariadb(database, ssl_disabled=True)


def test_s3_keeps_an_object(s3: S3Server) -> None:
    s3.create_bucket("runs")
    client = s3.client()
    client.put_object(Bucket="runs", Key="a/b c/model.txt", Body=b"weights")

    assert client.get_object(Bucket="runs", Key="a/b c/model.txt")["Body"].read() == b"weights"
    assert s3.object_names("runs") == ["a/b c/model.txt"]
    client.delete_object(Bucket="runs", Key="a/b c/model.txt")
    assert s3.object_names("runs") == []


def test_s3_refuses_another_secret_key(s3: S3Server) -> None:
    stranger = boto3.client(
        "s3",
        endpoint_url=s3.endpoint_url,
        aws_access_key_id=s3.access_key,
        aws_secret_access_key="wrong",
        region_name=s3.region,
    )

    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        stranger.list_buckets()


def test_azure_is_reached_by_its_account_name_and_key(azure: AzureServer, monkeypatch: pytest.MonkeyPatch) -> None:
    azure.create_container("runs")
    before = len(azure.proxy.asked)
    for name, value in azure.client_environment().items():
        monkeypatch.setenv(name, value)

    with BlobServiceClient(f"https://{azure.account_host}", credential=azure.access_key) as client:
        container = client.get_container_client("runs")
        container.upload_blob("a/b c/model.txt", b"weights")
        assert container.download_blob("a/b c/model.txt").readall() == b"weights"

    assert azure.proxy.asked[before:] == [azure.account_host]
    assert azure.object_names("runs") == ["a/b c/model.txt"]


def test_azure_refuses_another_access_key(azure: AzureServer) -> None:
    wrong = azure.connection_string.replace(azure.access_key, base64.b64encode(b"wrong").decode())

    with (
        BlobServiceClient.from_connection_string(wrong, connection_verify=str(azure.authority_file)) as stranger,
        pytest.raises(HttpResponseError, match="AuthorizationFailure"),
    ):
        list(stranger.list_containers())


def test_the_proxy_refuses_a_name_that_it_does_not_route(azure: AzureServer) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="403"):
        requests.get("https://elsewhere.example", proxies={"https": azure.proxy.url}, timeout=5)


def test_gcs_keeps_an_object(gcs: GcsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    gcs.create_bucket("runs")
    for name, value in gcs.client_environment().items():
        monkeypatch.setenv(name, value)

    client = storage.Client()
    blob = client.bucket("runs").blob("a/b c/model.txt")
    blob.upload_from_string(b"weights")
    assert blob.download_as_bytes() == b"weights"
    assert gcs.object_names("runs") == ["a/b c/model.txt"]
    blob.delete()
    assert gcs.object_names("runs") == []
    client.close()
