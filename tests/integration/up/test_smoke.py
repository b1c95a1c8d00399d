"""`flowship smoke-test` against a server that runs: what `helm test` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.flowship import Running, run, running, write_values
from tests.integration.servers.process import free_port

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PASSWORD = "correct horse: battery ü"
VALUES: dict[str, Any] = {
    "auth": {"enabled": True, "adminUsername": "admin", "adminPassword": PASSWORD},
    "extraArgs": {"staticPrefix": "/ml", "workers": 1},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(VALUES, data=tmp_path_factory.mktemp("smoke") / "data") as started:
        yield started


def smoke_test(
    folder: Path, address: str, values: Mapping[str, Any], environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    file = write_values(folder / "pod.yaml", values)
    command = ("smoke-test", "-f", str(file), "--url", address.removesuffix("/ml"), "--timeout", "5")
    return run(*command, environ=environ or {})


def test_a_run_is_logged_read_back_and_deleted_as_the_admin(server: Running, tmp_path: Path) -> None:
    done = smoke_test(tmp_path, server.address, VALUES)

    assert done.returncode == 0, done.stderr
    for said in ("is ready", "it asks for a login", "logged run ", "read them back", "deleted them; MLflow keeps"):
        assert said in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert [path.name for path in (server.data / "artifacts").rglob("note.txt")] == []


def test_a_login_that_is_refused_is_told_with_the_key_that_mends_it(server: Running, tmp_path: Path) -> None:
    other = {"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": "wrong"}
    done = smoke_test(tmp_path, server.address, VALUES, other)

    assert done.returncode == 1
    assert "The server refuses the login of ann, from helmTest.existingSecret." in done.stderr


def test_a_server_that_asks_nobody_for_a_login_is_told(tmp_path: Path) -> None:
    with running({"extraArgs": {"workers": 1}}, data=tmp_path / "data") as open_to_all:
        done = smoke_test(tmp_path, open_to_all.address, {**VALUES, "extraArgs": {}})

    assert done.returncode == 1
    assert "answered 200 to a request without a login, instead of 401." in done.stderr


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = smoke_test(tmp_path, f"http://127.0.0.1:{free_port()}", {})

    assert done.returncode == 1
    assert "/ready answered nothing for 5 s. Read the server's log." in done.stderr
