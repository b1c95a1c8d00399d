"""A running server between clients and S3: both ways on each path, for whom MLflow lets, while somebody is there."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.effects import shows
from tests.integration.artifacts.client import client
from tests.integration.artifacts.conftest import s3_values
from tests.integration.flowship import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.integration.flowship import Running
    from tests.integration.servers.s3 import S3Server

BUCKET = "transfers"
ADMIN, ADA = "admin:a long password", "ada:another long password"
ROUTES = ("/api/2.0", "/ajax-api/2.0", "/prefix/api/2.0", "/prefix/ajax-api/2.0")
"""FastAPI answers the first two, Flask the others."""
FILES = "/mlflow-artifacts/artifacts/"
LARGE = 200 << 20
LIMIT = 120.0


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server would keep temporary files."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def server(s3: S3Server, temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    s3.create_bucket(BUCKET)
    values = {
        **s3_values(s3, BUCKET, proxiedArtifactStorage=True),
        "auth": {
            "enabled": True,
            "adminUsername": "admin",
            "adminPassword": "a long password",
            "defaultPermission": "NO_PERMISSIONS",
        },
        "extraArgs": {"staticPrefix": "/prefix", "workers": 1},
    }
    data = tmp_path_factory.mktemp("transfers") / "data"
    with running(values, data=data, environ={"TMPDIR": str(temporary)}) as started:
        ada = json.dumps({"username": "ada", "password": "another long password"}).encode()
        assert ask(started, "POST", "/prefix/api/2.0/mlflow/users/create", ada)[0] == 200
        yield started


def ask(
    server: Running, method: str, path: str, body: bytes | None = None, user: str = ADMIN, **headers: str
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers by names in lower case, and body of an answer."""
    connection = http.client.HTTPConnection(_host(server), timeout=60)
    token = base64.b64encode(user.encode()).decode()
    said = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    connection.request(method, path, body, {**said, **{name.replace("_", "-"): text for name, text in headers.items()}})
    answer = connection.getresponse()
    found = answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
    connection.close()
    return found


def _host(server: Running) -> str:
    return server.address.removeprefix("http://").partition("/")[0]


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def held(directory: Path) -> int:
    """Bytes of all files below."""
    return sum(file.stat().st_blocks * 512 for file in directory.rglob("*") if file.is_file())


def names(s3: S3Server, folder: str) -> list[str]:
    return [name for name in s3.object_names(BUCKET) if name.startswith(folder)]


def begun(server: Running, method: str, path: str, *headers: str) -> socket.socket:
    """A connection on which a request has begun."""
    host, _, port = _host(server).partition(":")
    token = base64.b64encode(ADMIN.encode()).decode()
    connection = socket.create_connection((host, int(port)), timeout=LIMIT)
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}:{port}", f"Authorization: Basic {token}", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode())
    return connection


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("size", [0, 5, 20 << 20])
def test_a_file_goes_both_ways_on_each_route(server: Running, s3: S3Server, route: str, size: int) -> None:
    data = os.urandom(size)
    path = f"{route}{FILES}0/sizes/a%20b.bin"

    assert ask(server, "PUT", path, data)[0] == 200
    assert (s3.directory / "buckets" / BUCKET / "0/sizes/a b.bin").read_bytes() == data
    status, headers, body = ask(server, "GET", path)
    assert (status, body) == (200, data)
    assert headers["content-length"] == str(size)
    assert headers["content-disposition"] == 'attachment; filename="a b.bin"'
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("route", ROUTES[1:3])
def test_ranges_versions_and_headers_alone(server: Running, route: str) -> None:
    path = f"{route}{FILES}0/ranges/a.txt"
    ask(server, "PUT", path, b"0123456789")
    etag = ask(server, "HEAD", path)[1]["etag"]

    assert ask(server, "GET", path, Range="bytes=2-4")[::2] == (206, b"234")
    assert ask(server, "GET", path, Range="bytes=2-4", If_Range=etag)[::2] == (206, b"234")
    assert ask(server, "GET", path, Range="bytes=2-4", If_Range='"old"')[::2] == (200, b"0123456789")
    assert ask(server, "GET", path, Range="bytes=10-")[1]["content-range"] == "bytes */10"
    assert ask(server, "GET", path, If_None_Match=etag)[::2] == (304, b"")
    status, headers, body = ask(server, "HEAD", path)
    assert (status, headers["content-length"], body) == (200, "10", b"")


@pytest.mark.parametrize("route", ROUTES[1:3])
def test_mlflow_decides_who_may_before_a_byte_is_read(server: Running, s3: S3Server, route: str) -> None:
    experiment = json.loads(
        ask(server, "POST", "/prefix/api/2.0/mlflow/experiments/create", json.dumps({"name": route}).encode())[2]
    )["experiment_id"]
    path = f"{route}{FILES}{experiment}/x/secret.txt"
    assert ask(server, "PUT", path, b"secret")[0] == 200

    for method in ("GET", "HEAD", "PUT"):
        body = b"other" if method == "PUT" else None
        assert ask(server, method, path, body, ADA)[0] == 403
        assert ask(server, method, path, body, "ada:wrong")[0] in (401, 429)  # the latter after several
    assert ask(server, "GET", path)[2] == b"secret"


def test_what_is_not_there_is_told_as_mlflow_tells_it(server: Running) -> None:
    for route in ROUTES[1:3]:
        status, _, body = ask(server, "GET", f"{route}{FILES}0/nothing.txt")
        assert (status, json.loads(body)["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
        assert json.loads(body)["message"] == "No such artifact: '0/nothing.txt'"
        ask(server, "PUT", f"{route}{FILES}0/folder/a.txt", b"a")
        status, _, body = ask(server, "GET", f"{route}{FILES}0/folder")
        assert (status, json.loads(body)["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_large_files_pass_at_once_without_being_kept(server: Running, temporary: Path) -> None:
    data = os.urandom(1 << 20) * (LARGE >> 20)
    paths = [f"{ROUTES[number]}{FILES}0/large/{number}.bin" for number in (0, 2)]
    before = memory(server)
    with ThreadPoolExecutor() as pool:
        going = [pool.submit(ask, server, "PUT", path, data) for path in paths]
        seen = watched(server, temporary, going)
        assert [one.result()[0] for one in going] == [200, 200]
        going = [pool.submit(ask, server, "GET", path) for path in paths]
        seen = [max(pair) for pair in zip(seen, watched(server, temporary, going), strict=True)]
        assert all(one.result()[2] == data for one in going)

    assert seen[0] < 1 << 20, "bytes in temporary files"
    assert seen[1] - before < LARGE // 2, "bytes of memory"


def watched(server: Running, temporary: Path, going: list[Any]) -> list[int]:
    """The most bytes in temporary files and in memory until all is done."""
    most = [0, 0]
    while not all(one.done() for one in going):
        most = [max(pair) for pair in zip(most, (held(temporary), memory(server)), strict=True)]
        time.sleep(0.05)
    return most


def memory(server: Running) -> int:
    """Bytes of the server's processes."""
    found = 0
    for pid in server.pids():
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:  # noqa: PTH123
                found += sum(int(line.split()[1]) << 10 for line in file if line.startswith("Pss:"))
        except OSError:  # it has ended
            continue
    return found


@pytest.mark.parametrize("route", ROUTES[1:3])
def test_a_client_that_goes_away_ends_the_read_from_the_store(server: Running, s3: S3Server, route: str) -> None:
    s3.client().put_object(Bucket=BUCKET, Key="0/gone/large.bin", Body=b"x" * LARGE)
    connection = begun(server, "GET", f"{route}{FILES}0/gone/large.bin")
    assert connection.recv(100).startswith(b"HTTP/1.1 200")
    eventually(lambda: reads(server, s3) == 1)
    connection.close()

    eventually(lambda: reads(server, s3) == 0)


def reads(server: Running, s3: S3Server) -> int:
    """Connections between server and store on which bytes wait to be read."""
    port = f"{s3.port:04X}"
    found = 0
    with open(f"/proc/{server.main_pid}/net/tcp") as file:  # noqa: PTH123
        for line in file:
            fields = line.split()
            if fields[2].endswith(f":{port}") and int(fields[4].split(":")[1], 16) > 0:
                found += 1
    return found


@pytest.mark.parametrize("route", ROUTES[1:3])
@pytest.mark.parametrize("sent", [1000, 20 << 20])
def test_an_upload_that_comes_to_no_end_leaves_nothing(server: Running, s3: S3Server, route: str, sent: int) -> None:
    path = f"0/short/{sent}{route.replace('/', '-')}.bin"
    connection = begun(server, "PUT", f"{route}{FILES}{path}", f"Content-Length: {LARGE}")
    connection.sendall(b"x" * sent)
    if sent > 1000:
        eventually(lambda: "Uploads" in s3.client().list_multipart_uploads(Bucket=BUCKET))
    connection.close()

    eventually(lambda: "Uploads" not in s3.client().list_multipart_uploads(Bucket=BUCKET))
    eventually(lambda: f"/{FILES}{path}" in server.log() or path in server.log())
    assert names(s3, path) == []


def test_the_stock_client_is_told_of_no_other_way(server: Running, s3: S3Server) -> None:
    info = json.loads(ask(server, "GET", "/prefix/api/3.0/mlflow/server-info")[2])
    assert (info["multipart_uploads_enabled"], info["multipart_downloads_enabled"]) == (False, False)
    user = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": "a long password"}
    # It knows the store by a name that does not exist, as one outside of a cluster does.
    with client(server.address, {**user, "MLFLOW_S3_ENDPOINT_URL": "http://s3-service:9000"}) as stock:
        run = stock.log("through the server")
        assert len(stock.read(run["id"])) == 3


def test_the_log_names_the_route(server: Running) -> None:
    ask(server, "GET", f"/api/2.0{FILES}0/not/there")

    eventually(lambda: f"GET /api/2.0{FILES}0/not/there 404" in server.log())


@shows("artifactRoot.directTransfer")
def test_clients_fetch_from_the_store_where_that_is_allowed(s3: S3Server, tmp_path: Path) -> None:
    s3.create_bucket("direct")
    values = s3_values(s3, "direct", proxiedArtifactStorage=True, directTransfer="both")
    with running(values, data=tmp_path / "data") as server:
        info = json.loads(ask(server, "GET", "/api/3.0/mlflow/server-info")[2])
        ask(server, "PUT", f"/api/2.0{FILES}0/a.txt", b"a")
        signed = json.loads(ask(server, "GET", "/api/2.0/mlflow-artifacts/presigned/0/a.txt")[2])

    assert (info["multipart_uploads_enabled"], info["multipart_downloads_enabled"]) == (True, True)
    assert signed["url"].startswith(f"{s3.endpoint_url}/direct/0/a.txt?")
