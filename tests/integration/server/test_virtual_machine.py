"""The page on one machine, done: its values, and its nginx in front of them."""

from __future__ import annotations

import base64
import http.client
import json
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import trustme
import yaml

from tests.integration.flowship import running
from tests.integration.servers.nginx import Nginx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "virtual-machine.md").read_text()
NAME = "mlflow.example.com"
LARGE = bytes(3 * 2**20)
"""More than nginx takes when it is not told otherwise."""


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    return str(found)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., tuple[int, dict[str, str], bytes]]]:
    """Asks the server through nginx, as the admin."""
    directory = tmp_path_factory.mktemp("machine")
    authority, values = trustme.CA(), yaml.safe_load(block("yaml"))
    issued = authority.issue_cert(NAME)
    authority.cert_pem.write_to_path(directory / "ca.crt")
    issued.cert_chain_pems[0].write_to_path(directory / "mlflow.crt")
    issued.private_key_pem.write_to_path(directory / "mlflow.key")
    context = ssl.create_default_context(cafile=directory / "ca.crt")
    context.check_hostname = False  # the connection goes to loopback
    login = f"{values['auth']['adminUsername']}:{values['auth']['adminPassword']}"
    admin = {"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"}

    with running(values, data=directory / "data") as server:
        places = {
            "/etc/ssl/mlflow.crt": str(directory / "mlflow.crt"),
            "/etc/ssl/private/mlflow.key": str(directory / "mlflow.key"),
            "http://127.0.0.1:5000": server.address,
        }
        with Nginx(block("nginx"), places, directory / "ca.crt") as nginx:

            def asked(
                method: str, path: str, body: Any = None, **headers: str | None
            ) -> tuple[int, dict[str, str], bytes]:
                connection = http.client.HTTPSConnection(nginx.host, nginx.port, timeout=60, context=context)
                sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
                kind = {"Content-Type": "application/json"} if sent is not body else {}
                every = {**admin, **kind, "Host": NAME, **headers}
                connection.request(method, path, sent, {name: text for name, text in every.items() if text is not None})
                answer = connection.getresponse()
                found = answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
                connection.close()
                return found

            yield asked


def test_the_pages_may_search_and_others_pages_may_not(ask: Any) -> None:
    search = "/api/2.0/mlflow/experiments/search"

    assert ask("POST", search, {"max_results": 1}, Origin=f"https://{NAME}")[0] == 200
    assert ask("POST", search, {"max_results": 1}, Origin="https://elsewhere.example.com")[0] == 403


def test_large_files_go_through(ask: Any) -> None:
    run = json.loads(ask("POST", "/api/2.0/mlflow/runs/create", {"experiment_id": "0"})[2])["run"]["info"]
    path = f"/api/2.0/mlflow-artifacts/artifacts/0/{run['run_id']}/artifacts/large.bin"

    assert ask("PUT", path, LARGE)[0] == 200
    assert ask("GET", path)[2] == LARGE


def test_who_signs_in_gets_a_cookie_for_https_only(ask: Any) -> None:
    auth = yaml.safe_load(block("yaml"))["auth"]
    form = urlencode({"username": auth["adminUsername"], "password": auth["adminPassword"], "next": "/"}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{NAME}"}

    status, headers, _ = ask("POST", "/login", form, Authorization=None, **kind)

    assert status == 303
    assert headers["set-cookie"].endswith("; Secure")
