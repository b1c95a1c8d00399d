from __future__ import annotations

import socket
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import trustme

from flowship.artifacts.endpoint import distrusted, endpoint, unreachable
from flowship.artifacts.location import ArtifactLocation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

S3 = ArtifactLocation("s3://runs", False, "artifactRoot.s3")
GCS = ArtifactLocation("gs://runs", False, "artifactRoot.gcs")
AZURE = ArtifactLocation("wasbs://runs@acct.blob.core.windows.net", False, "artifactRoot.azureBlob")
LOCAL = ArtifactLocation("file:///data/artifacts", True)
CONNECTION = "AZURE_STORAGE_CONNECTION_STRING"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def tls_server(context: ssl.SSLContext) -> Iterator[int]:
    """Takes one connection over TLS."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                with context.wrap_socket(server.accept()[0], server_side=True) as connection:
                    connection.recv(1)
            except OSError:  # the client does not trust it
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join(10)


@pytest.mark.parametrize(
    ("location", "environ", "expected"),
    [
        (S3, {}, ""),
        (S3, {"MLFLOW_S3_ENDPOINT_URL": "http://one:9000", "AWS_ENDPOINT_URL": "http://two"}, "http://one:9000"),
        (S3, {"AWS_ENDPOINT_URL_S3": "http://two"}, "http://two"),
        (GCS, {}, "https://storage.googleapis.com"),
        (GCS, {"STORAGE_EMULATOR_HOST": "http://one:4443"}, "http://one:4443"),
        (AZURE, {}, "https://acct.blob.core.windows.net"),
        (AZURE, {CONNECTION: "AccountName=a;AccountKey=k==;"}, "https://a.blob.core.windows.net"),
        (
            AZURE,
            {CONNECTION: "DefaultEndpointsProtocol=http;AccountName=a;EndpointSuffix=core.chinacloudapi.cn"},
            "http://a.blob.core.chinacloudapi.cn",
        ),
        (AZURE, {CONNECTION: "BlobEndpoint=https://one:10000/a;AccountKey=k"}, "https://one:10000/a"),
        (AZURE, {CONNECTION: "UseDevelopmentStorage=true"}, ""),
        (AZURE, {CONNECTION: "nonsense"}, ""),
        (LOCAL, {}, ""),
    ],
)
def test_the_address_is_the_one_that_the_client_will_use(
    location: ArtifactLocation, environ: dict[str, str], expected: str
) -> None:
    assert endpoint(location, environ) == expected


def test_a_host_that_listens_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

        assert unreachable(S3, {"MLFLOW_S3_ENDPOINT_URL": url}) is None


def test_a_closed_port_is_told_with_the_variable_to_correct(closed_port: int) -> None:
    assert unreachable(S3, {"MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{closed_port}"}) == (
        f"nothing can be reached at 127.0.0.1, port {closed_port} (Connection refused); correct MLFLOW_S3_ENDPOINT_URL "
        "(in extraEnvVars, or of this environment), or start the server there"
    )


@pytest.mark.parametrize("name", ["store.invalid", "x" * 64 + ".invalid"])
def test_a_host_name_that_is_not_known_is_told(name: str) -> None:
    sentence = unreachable(S3, {"AWS_ENDPOINT_URL": f"http://{name}:9000"})

    assert sentence is not None
    assert sentence.startswith(f"the host name {name} is not known; correct AWS_ENDPOINT_URL")


def test_an_account_that_does_not_exist_is_told_with_the_key_to_correct() -> None:
    azure = ArtifactLocation("wasbs://runs@acct.blob.core.windows.invalid", False, "artifactRoot.azureBlob")

    assert unreachable(azure, {}) == (
        "the host name acct.blob.core.windows.invalid is not known; correct artifactRoot.azureBlob.storageAccount, or "
        "check this machine's network"
    )


@pytest.mark.parametrize("url", ["localhost:9000", "http://host:nine", ""])
def test_what_is_no_address_is_left_to_the_client(url: str) -> None:
    assert unreachable(S3, {"MLFLOW_S3_ENDPOINT_URL": url}) is None


def test_a_proxy_looks_up_the_name_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")

    assert unreachable(S3, {"MLFLOW_S3_ENDPOINT_URL": "https://store.invalid"}) is None


def test_the_data_directory_has_no_host() -> None:
    assert unreachable(LOCAL, {}) is None
    assert distrusted(LOCAL, {}) is None


def test_a_certificate_is_trusted_when_its_authority_is(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    with tls_server(context) as port:
        environ = {"MLFLOW_S3_ENDPOINT_URL": f"https://127.0.0.1:{port}", "REQUESTS_CA_BUNDLE": f"{tmp_path}/ca.pem"}
        assert distrusted(S3, environ) is None
    with tls_server(context) as port:
        sentence = distrusted(S3, {"MLFLOW_S3_ENDPOINT_URL": f"https://127.0.0.1:{port}"})

    assert sentence is not None
    assert sentence.startswith("its certificate is not trusted here")
    assert sentence.endswith("set REQUESTS_CA_BUNDLE to the file of its authority")
