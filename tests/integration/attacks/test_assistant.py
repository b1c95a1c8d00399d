"""A shell of the server's by MLflow's assistant: for an admin where a value says so, for nobody by an address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.effects import shows
from tests.integration.attacks.model import commanding
from tests.integration.flowship import Running, running
from tests.integration.server.asking import Answer, ask, basic
from tests.integration.users import ADMIN, auth, make_users

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLAIN = ("plain", "plain's password")
ASSISTANT = "/ml/ajax-api/3.0/mlflow/assistant"
EVERYTHING = (
    ("PUT", "/config"),
    ("POST", "/config"),
    ("POST", "/message"),
    ("GET", "/sessions/1/stream"),
    ("PATCH", "/sessions/1"),
    ("POST", "/sessions/1/permission"),
    ("POST", "/sessions/1/tool-result"),
    ("GET", "/providers/ollama/health"),
    ("GET", "/providers/ollama/models?base_url=http://127.0.0.1:1"),
    ("POST", "/skills/install"),
    ("PUT", "/config/"),
    ("PUT", "/%63onfig"),
)
FORGED = [{}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "127.0.0.1"}]
HIDDEN = "[data-assistant-ui]{display:none"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that has the assistant switched on, and a user who is no admin."""
    directory = tmp_path_factory.mktemp("assistant")
    values = {
        "auth": auth(),
        "assistant": {"enabled": True},
        "extraArgs": {"staticPrefix": "/ml"},
    }
    with running(values, data=directory / "data", environ={"HOME": str(directory)}) as started:
        make_users(started, PLAIN)
        yield started


def taken_over(server: Running, model: str, **headers: str) -> list[Answer]:
    """The attack: have the assistant ask a model of one's own, which has a command run."""
    permissions = {"full_access": True}
    provider = {"model": "m", "base_url": model, "selected": True, "permissions": permissions}
    body = {"providers": {"ollama": provider}}
    answers = [ask(server.address, f"{ASSISTANT}/config", method="PUT", body=body, headers=headers)]
    answers.append(ask(server.address, f"{ASSISTANT}/message", method="POST", body={"message": "hi"}, headers=headers))
    if answers[-1].status == 200:
        answers.append(ask(server.address, json.loads(answers[-1].text)["stream_url"], headers=headers))
    return answers


@pytest.mark.parametrize("forged", FORGED)
def test_a_plain_user_and_a_stranger_run_no_command(server: Running, tmp_path: Path, forged: dict[str, str]) -> None:
    mark = tmp_path / "mark"
    with commanding(f"id > {mark}") as model:
        plain = taken_over(server, model, **basic(*PLAIN), **forged)
        nobody = taken_over(server, model, **forged)

    assert [answer.status for answer in plain] == [403, 403]
    assert "is for admins" in plain[0].text
    assert [answer.status for answer in nobody] == [401, 401]
    assert not mark.exists()


@pytest.mark.parametrize(("method", "route"), EVERYTHING)
def test_every_route_is_closed_to_them(server: Running, method: str, route: str) -> None:
    path = f"{ASSISTANT}{route}"
    plain = ask(server.address, path, method=method, body={}, headers=basic(*PLAIN))
    nobody = ask(server.address, path, method=method, body={})

    assert (plain.status, nobody.status) == (403, 401)


@shows("assistant.enabled")
@pytest.mark.parametrize("forged", FORGED)
def test_an_admin_runs_one_from_any_address(server: Running, tmp_path: Path, forged: dict[str, str]) -> None:
    mark = tmp_path / "mark"
    with commanding(f"id > {mark}") as model:
        answers = taken_over(server, model, **basic(*ADMIN), **forged)

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert mark.read_text().startswith("uid=")


def test_pages_show_it_to_admins_only(server: Running) -> None:
    for who, hidden in ((ADMIN, False), (PLAIN, True)):
        page = ask(server.address, "/ml/", headers=basic(*who))
        config = ask(server.address, f"{ASSISTANT}/config", headers=basic(*who))

        assert page.status == config.status == 200
        assert (HIDDEN in page.text) is hidden
        assert json.loads(config.text)["remote_access_allowed"] is not hidden


def test_without_the_value_nobody_has_one(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    values = {"extraArgs": {"staticPrefix": "/ml"}}
    with running(values, data=tmp_path / "data", environ={"HOME": str(tmp_path)}) as server:
        with commanding(f"id > {mark}") as model:
            answers = [answer for forged in FORGED for answer in taken_over(server, model, **forged)]
        every = [ask(server.address, f"{ASSISTANT}{route}", method=method, body={}) for method, route in EVERYTHING]

        assert {answer.status for answer in (*every, *answers)} == {403}
        assert "Whoever runs the server can switch it on for admins with assistant.enabled." in every[0].text
        assert HIDDEN in ask(server.address, "/ml/").text
    assert not mark.exists()
