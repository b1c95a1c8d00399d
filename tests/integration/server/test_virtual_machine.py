"""The page on one machine, done: its values, and its nginx in front of them."""

from __future__ import annotations

import json
import os
import socket
import ssl
from contextlib import closing
from functools import partial
from http.client import HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import trustme
import yaml

from tests.integration.flowship import running
from tests.integration.server.asking import LIMIT, Answer, ask, basic
from tests.integration.servers.nginx import Nginx
from tests.markdown import blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "virtual-machine.md").read_text()
NAME = "mlflow.example.com"
LARGE = bytes(3 * 2**20)
"""More than nginx takes when it is not told otherwise."""


def block(language: str) -> str:
    (found,) = blocks(PAGE, language)
    return str(found)


@pytest.fixture(scope="module")
def systemd() -> Iterator[socket.socket]:
    """Where systemd would hear from the service."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0flowship-systemd-{os.getpid()}")
        listening.settimeout(LIMIT)
        yield listening


@pytest.fixture(scope="module")
def askers(
    tmp_path_factory: pytest.TempPathFactory, systemd: socket.socket
) -> Iterator[tuple[Callable[..., Answer], Callable[..., Answer]]]:
    """Ask the server through nginx, as the admin and as nobody."""
    directory = tmp_path_factory.mktemp("machine")
    authority, values = trustme.CA(), yaml.safe_load(block("yaml"))
    issued = authority.issue_cert(NAME)
    authority.cert_pem.write_to_path(directory / "ca.crt")
    issued.cert_chain_pems[0].write_to_path(directory / "mlflow.crt")
    issued.private_key_pem.write_to_path(directory / "mlflow.key")
    context = ssl.create_default_context(cafile=directory / "ca.crt")
    context.check_hostname = False  # the connection goes to loopback
    admin = basic(values["auth"]["adminUsername"], values["auth"]["adminPassword"])

    notified = {"NOTIFY_SOCKET": systemd.getsockname().decode().replace("\0", "@")}

    with running(values, data=directory / "data", environ=notified) as server:
        places = {
            "/etc/ssl/mlflow.crt": str(directory / "mlflow.crt"),
            "/etc/ssl/private/mlflow.key": str(directory / "mlflow.key"),
            "http://127.0.0.1:5000": server.address,
        }
        with Nginx(block("nginx"), places, directory / "ca.crt") as nginx:

            def through(method: str, path: str, body: Any = None, **headers: str) -> Answer:
                connection = HTTPSConnection(nginx.host, nginx.port, timeout=LIMIT, context=context)
                with closing(connection):
                    return ask(connection, path, method=method, body=body, headers={"Host": NAME, **headers})

            yield partial(through, **admin), through


def test_systemd_hears_once_that_it_answers(askers: Any, systemd: socket.socket) -> None:
    """And not from gunicorn too, which the page's unit would not listen to."""
    assert systemd.recv(1000).startswith(b"READY=1\nSTATUS=Serving http://127.0.0.1:")
    systemd.setblocking(False)
    with pytest.raises(BlockingIOError):
        systemd.recv(1000)


def test_the_pages_may_search_and_others_pages_may_not(askers: Any) -> None:
    admin, _ = askers
    search = "/api/2.0/mlflow/experiments/search"

    assert admin("POST", search, {"max_results": 1}, Origin=f"https://{NAME}").status == 200
    assert admin("POST", search, {"max_results": 1}, Origin="https://elsewhere.example.com").status == 403


def test_large_files_go_through(askers: Any) -> None:
    admin, _ = askers
    run = json.loads(admin("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"}).text)["run"]["info"]
    path = f"/api/2.0/mlflow-artifacts/artifacts/0/{run['run_id']}/artifacts/large.bin"

    assert admin("PUT", path, LARGE).status == 200
    assert admin("GET", path).text.encode() == LARGE


def test_who_signs_in_gets_a_cookie_for_https_only(askers: Any) -> None:
    _, nobody = askers
    auth = yaml.safe_load(block("yaml"))["auth"]
    form = urlencode({"username": auth["adminUsername"], "password": auth["adminPassword"], "next": "/"}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}"}

    answer = nobody("POST", "/login", form, **kind)

    assert answer.status == 303
    assert answer.headers["set-cookie"].endswith("; Secure")
