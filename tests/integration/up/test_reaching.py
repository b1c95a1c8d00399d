from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.effects import shows
from tests.integration import client
from tests.integration.flowship import Running, running

VALUES: dict[str, Any] = {
    "allowedHosts": ["ml.example.com", "*.wild.example.com"],
    "corsAllowedOrigins": ["https://tool.example.com"],
    "ingress": {
        "enabled": True,
        "hosts": [{"host": "ingress.example.com"}],
        "tls": [{"secretName": "tls", "hosts": ["ingress.example.com"]}],
    },
    "extraArgs": {"staticPrefix": "/team/mlflow", "workers": "1", "xFrameOptions": "DENY"},
    "extraEnvVars": {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "lower_case": "kept",
        "AS_JSON": {"a": [1, True]},
        "A_NUMBER": 12,
        "A_SWITCH": False,
        "MLFLOW_SERVER_ALLOWED_HOSTS": "own.example.com",
    },
    "flaskServerSecretKey": "a key of my own",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(VALUES, data=tmp_path_factory.mktemp("up") / "data") as running_server:
        yield running_server


def status(server: Running, host: str | None = None, origin: str | None = None) -> int:
    headers = {name: value for name, value in {"Host": host, "Origin": origin}.items() if value}
    address = f"{server.address}/api/2.0/mlflow/experiments/search"
    return requests.post(address, json={"max_results": 1}, headers=headers, timeout=30).status_code


def environment(server: Running) -> dict[str, str]:
    """What the process that runs MLflow was given."""
    entries = Path(f"/proc/{server.main_pid}/environ").read_bytes().decode().split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def test_everything_is_under_the_static_prefix(server: Running) -> None:
    root = server.address.removesuffix("/team/mlflow")

    assert requests.get(f"{server.address}/health", timeout=30).text == "OK"
    assert requests.get(f"{server.address}/", timeout=30).status_code == 200
    assert requests.get(f"{root}/version", timeout=30).status_code == 404


def test_the_stock_client_works_under_the_static_prefix(server: Running) -> None:
    assert client.as_user("log_and_read", server.address) == client.LOGGED


@shows("allowedHosts")
@pytest.mark.parametrize(
    "host",
    [
        "localhost:5000",
        "127.0.0.1",
        "10.1.2.3:5000",
        "ml.example.com",
        "ml.example.com:8080",
        "a.wild.example.com",
        "ingress.example.com",
        "own.example.com:1",
    ],
)
def test_hosts_of_mlflow_and_of_the_values_are_allowed(server: Running, host: str) -> None:
    assert status(server, host=host) == 200


@pytest.mark.parametrize("host", ["evil.example.com", "ml.example.com.evil.com", "8.8.8.8"])
def test_other_hosts_are_refused(server: Running, host: str) -> None:
    assert status(server, host=host) == 403


@shows("corsAllowedOrigins")
@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://tool.example.com", "https://ingress.example.com"])
def test_origins_of_mlflow_and_of_the_values_may_write(server: Running, origin: str) -> None:
    assert status(server, origin=origin) == 200


@pytest.mark.parametrize("origin", ["http://ingress.example.com", "https://evil.example.com"])
def test_other_origins_may_not_write(server: Running, origin: str) -> None:
    assert status(server, origin=origin) == 403


@shows("extraArgs", "extraFlags")
def test_an_option_of_mlflow_takes_effect(server: Running) -> None:
    assert requests.get(f"{server.address}/", timeout=30).headers["X-Frame-Options"] == "DENY"


def test_variables_reach_the_server_in_upper_case_and_as_written(server: Running) -> None:
    found = environment(server)

    assert (found["lower_case"], found["LOWER_CASE"]) == ("kept", "kept")
    assert found["AS_JSON"] == '{"a":[1,true]}'
    assert (found["A_NUMBER"], found["A_SWITCH"]) == ("12", "false")


@shows("telemetry.enabled")
def test_telemetry_is_off_and_flasks_key_is_the_values(server: Running) -> None:
    found = environment(server)

    assert (found["MLFLOW_DISABLE_TELEMETRY"], found["DO_NOT_TRACK"]) == ("true", "true")
    assert found["MLFLOW_FLASK_SERVER_SECRET_KEY"] == "a key of my own"


def test_without_a_key_one_is_made_and_kept_and_signs_forms_after_a_restart(tmp_path: Path) -> None:
    keys = []
    own = {"extraEnvVars": {"OF_MY_OWN": "takes a new program, whose environment can be seen"}}
    for _ in range(2):
        with running(own, data=tmp_path / "data") as server:
            keys.append(environment(server)["MLFLOW_FLASK_SERVER_SECRET_KEY"])

    assert keys[0] == keys[1]
    assert re.fullmatch(r"[0-9a-f]{64}", keys[0])
