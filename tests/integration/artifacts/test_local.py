"""Without an object store: artifacts go through the server into the data directory, never to the client's machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import requests

from tests.integration.artifacts.client import ARTIFACTS, Client, client
from tests.integration.flowship import Running, running

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Local:
    """A server without an object store, with one user, and a run that the user logged."""

    up: Running
    user: Client
    run: Mapping[str, str]

    @property
    def kept(self) -> Path:
        """Where the run's artifacts must be."""
        return self.up.data / "artifacts" / "1" / self.run["id"] / "artifacts"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    data = tmp_path_factory.mktemp("local") / "dä ta #1 100%?"
    with running({}, data=data) as up, client(up.address) as user:
        yield Local(up, user, user.log("first experiment"))


def test_artifacts_go_through_the_server_into_the_data_directory(local: Local) -> None:
    files = {str(file.relative_to(local.kept)): file.read_bytes() for file in local.kept.rglob("*") if file.is_file()}

    assert local.run["uri"].startswith("mlflow-artifacts:/")
    assert files == ARTIFACTS
    assert local.user.read(local.run["id"]) == ARTIFACTS


def test_nothing_is_written_on_the_machine_of_the_client(local: Local) -> None:
    assert not list(local.user.home.rglob("mlruns"))
    assert sorted(path.name for path in local.up.directory.iterdir()) == ["flowship.log", "values.yaml"]


def test_a_large_file_comes_whole_in_part_and_by_its_headers_alone(local: Local) -> None:
    content = os.urandom(3 << 20)
    (local.kept / "large.bin").write_bytes(content)
    address = f"{local.up.address}/api/2.0/mlflow-artifacts/artifacts/1/{local.run['id']}/artifacts/large.bin"
    with requests.Session() as session:
        assert session.get(address).content == content
        part = session.get(address, headers={"Range": "bytes=1000-2000999"})
        head = session.head(address)
        assert session.get(address).content == content  # the connection is still in order

    assert (part.status_code, part.content) == (206, content[1000:2_001_000])
    assert (head.headers["Content-Length"], head.content) == (str(len(content)), b"")
    (local.kept / "large.bin").unlink()


def test_deleted_artifacts_are_gone_from_the_data_directory(local: Local) -> None:
    run = local.user.log("Default")["id"]

    local.user.delete(run, "tree")

    assert list(local.user.read(run)) == ["notes/hello wörld.txt"]
    assert not (local.up.data / "artifacts" / "0" / run / "artifacts" / "tree").exists()


@pytest.mark.parametrize("path", ["..%2Fmlflow.db", "%2e%2e/mlflow.db", "a/..%2F..%2Fmlflow.db"])
def test_nobody_reads_or_writes_outside_of_the_artifacts(local: Local, path: str) -> None:
    url = f"{local.up.address}/api/2.0/mlflow-artifacts/artifacts/{path}"

    assert requests.get(url, timeout=60).status_code == 400
    assert requests.put(f"{url}x", data=b"x", timeout=60).status_code == 400
    assert not (local.up.data / "mlflow.dbx").exists()


def test_artifacts_survive_a_restart(local: Local) -> None:
    """The last one, since it ends the server that the others share."""
    assert local.up.stop() == 0

    with running({}, data=local.up.data) as again, client(again.address) as user:
        assert user.read(local.run["id"]) == ARTIFACTS
