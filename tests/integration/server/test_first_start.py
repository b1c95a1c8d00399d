"""`flowship serve` on an empty database makes the tables and serves in one process, which imports MLflow once."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration import users
from tests.integration.flowship import command_line
from tests.integration.flowship import serving_program as serving
from tests.integration.server.asking import ARTIFACTS, SEARCH, ask, basic
from tests.integration.servers.process import children

if TYPE_CHECKING:
    from tests.integration.servers.postgres import PostgresServer

ADMIN = basic(*users.ADMIN)
COUNTED = r'mlflow_http_request_total\{method="GET",status="200"\} (\d+)'


def values(postgres: PostgresServer, directory: Path, **variables: str) -> dict[str, Any]:
    return {
        "backendStore": {"postgres": postgres.fresh_database().section()},
        "artifactRoot": {"proxiedArtifactStorage": True},
        "auth": users.auth(configPath=str(directory / "auth")),
        "allowedHosts": ["mlflow.example.com"],
        "extraArgs": {"workers": 2},
        "extraEnvVars": {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", **variables},
        "server": {"logFormat": "json", "drainDelaySeconds": 0},
    }


def test_a_server_that_made_its_tables_itself_serves_like_any_other(postgres: PostgresServer, tmp_path: Path) -> None:
    given = values(postgres, tmp_path)
    with serving(given, data=tmp_path / "data") as server:
        assert b"/flowship\0serve\0" in command_line(server.main_pid)
        hosts = [f"127.0.0.1:{server.address.rpartition(':')[2]}", "mlflow.example.com", "evil.example.com"]
        statuses = [ask(server.address, SEARCH, headers={**ADMIN, "Host": host}).status for host in hosts]
        assert statuses == [200, 200, 403]
        for _ in range(8):
            assert ask(server.address, SEARCH, headers=ADMIN).status == 200
        assert ask(server.address, SEARCH).status == 401
        assert ask(server.address, f"{ARTIFACTS}/a.txt", method="PUT", body=b"x", headers=ADMIN).status == 200
        counted = re.search(COUNTED, ask(server.inner, "/metrics").text)
        assert counted is not None
        assert counted[1] == "10"
        assert len(children(server.main_pid)) == 3  # two workers and the inner port
        assert server.stop(signum=signal.SIGTERM) == 0
        log = server.log()

    assert "making MLflow's tracking tables" in log
    assert "making MLflow's auth tables" in log
    lines = [json.loads(line) for line in log.splitlines() if not line.startswith("• ")]
    assert len([line for line in lines if line["logger"] == "flowship.access"]) == 13
    assert [line for line in lines if line["level"] == "error"] == []


def test_a_variable_that_python_reads_as_it_starts_has_its_effect(postgres: PostgresServer, tmp_path: Path) -> None:
    given = values(postgres, tmp_path, PYTHONDEVMODE="1")
    with serving(given, data=tmp_path / "data") as server:
        environ = Path(f"/proc/{server.main_pid}/environ").read_bytes().split(b"\0")

        assert b"PYTHONDEVMODE=1" in environ
        assert ask(server.address, SEARCH, headers=ADMIN).status == 200
        assert server.stop(signum=signal.SIGTERM) == 0


def test_a_relative_data_directory_is_that_of_the_directory_it_is_started_in(tmp_path: Path) -> None:
    given = {"extraArgs": {"workers": 1}}
    with serving(given, data=tmp_path / "unused", arguments=("--data", "data")) as server:
        started_in = server.directory
        assert ask(server.address, f"{ARTIFACTS}/a.txt", method="PUT", body=b"x").status == 200
        assert sorted(path.name for path in started_in.iterdir()) == ["data", "flowship.log", "values.yaml"]
        assert (started_in / "data" / "artifacts" / "a.txt").read_bytes() == b"x"
        assert not (started_in / "data" / "data").exists()
