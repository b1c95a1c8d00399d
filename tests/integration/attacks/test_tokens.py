"""Tokens under attack: for more than they are for, in addresses, by pages of others, after their end, in masses."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml
from mlflow import MlflowClient

from flowship.auth.tokens.api import DAYS, NOT_JSON
from flowship.auth.tokens.api import PATH as TOKEN_API
from flowship.client import logging_in
from flowship.client.log_ins import address_of, keep
from flowship.errors import LogInError
from tests.integration.flowship import run
from tests.integration.server.asking import SEARCH, ask, basic, connect
from tests.integration.signing_in import Browser, made_token, post_tokens, signed_in
from tests.integration.users import ADMIN, auth, make_users

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.flowship import Running

API = "/api/2.0/mlflow"
CURRENT = f"{API}/users/current"
PASSWORD = "a password of twelve"


@pytest.fixture(scope="module")
def server(closed: Running) -> Running:
    make_users(closed, *((f"token-{name}", PASSWORD) for name in ("ann", "bob", "cat", "bot")))
    return closed


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def status(server: Running, headers: dict[str, str], path: str = CURRENT) -> int:
    return ask(server.address, path, headers=headers).status


def test_a_token_comes_in_as_its_user_as_bearer_or_as_a_password(server: Running) -> None:
    token = made_token(signed_in(server, "token-ann", PASSWORD))

    for headers in (bearer(token), basic("token-ann", token)):
        assert '"username":"token-ann"' in ask(server.address, CURRENT, headers=headers).text
    assert status(server, basic("token-bob", token)) == 401
    assert status(server, basic("admin", token)) == 401


def test_one_that_only_reads_changes_nothing(server: Running) -> None:
    browser = signed_in(server, *ADMIN)
    token = made_token(browser, "read")
    asked = {"body": {"name": "made by a token that reads"}, "headers": bearer(token)}

    assert status(server, bearer(token), SEARCH) == 200
    for path in (f"{API}/runs/search", "/api/3.0/mlflow/traces/search"):
        assert ask(server.address, path, method="POST", body={}, headers=bearer(token)).status != 403
    for method, path in (
        ("POST", f"{API}/experiments/create"),
        ("PATCH", f"{API}/users/update-password"),
        ("DELETE", f"{API}/registered-models/delete"),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/x"),
        ("POST", "/v1/traces"),
        ("POST", "/api/9.0/mlflow/what/comes/next"),
        ("POST", "/tokens"),
    ):
        answer = ask(server.address, path, method=method, **asked)
        assert (answer.status, "may only read" in answer.text) == (403, True), path
    assert status(server, bearer(made_token(browser)), f"{API}/experiments/get-by-name?experiment_name=made") == 404


def test_a_token_in_an_address_a_cookie_or_a_form_is_not_taken(server: Running) -> None:
    token = made_token(signed_in(server, "token-ann", PASSWORD))

    for path in (
        f"{CURRENT}?access_token={token}",
        f"{CURRENT}?token={token}",
        f"{CURRENT}?Authorization=Bearer {token}",
    ):
        assert Browser(server.address).send("GET", path, {}).status_code == 401
    assert status(server, {"Cookie": f"flowship_session={token}; mlflow_user=1"}) == 401
    assert status(server, {"X-Token": token, "Proxy-Authorization": f"Bearer {token}"}) == 401


def test_a_terminal_is_let_in_by_its_own_user_only(
    server: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`flowship login`, with attempts of others in between, and MLflow's own client by what it keeps."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    address = address_of(server.address)
    ann, bot = signed_in(server, "token-ann", PASSWORD), made_token(signed_in(server, "token-bot", PASSWORD))
    started = logging_in.start(address, read_only=False)
    allow = {"code": started.code, "do": "allow"}

    assert Browser(server.address).go("/terminal").headers["Location"] == "/login?next=/terminal"
    assert ann.send("POST", "/terminal", {"Origin": "https://evil.example.com"}, data=allow).status_code == 403
    assert ann.go(f"/terminal?code={started.code}&do=allow").status_code == 200
    assert requests.post(f"{address}/terminal", data=allow, timeout=60).status_code == 401
    assert requests.post(f"{address}/terminal", data=allow, headers=bearer(bot), timeout=60).status_code == 403
    page = ann.send("POST", "/terminal", {"Origin": ann.origin}, data={"code": started.code})
    assert "<strong>127.0.0.1</strong>" in page.text
    assert "let in" in ann.send("POST", "/terminal", {"Origin": ann.origin}, data=allow).text

    found = logging_in.finish(address, started)
    keep(address, found)
    with pytest.raises(LogInError, match=r"nobody has confirmed the code in time"):
        logging_in.finish(address, started)
    assert logging_in.who(address, found) == ("token-ann", False)
    monkeypatch.setenv("MLFLOW_TRACKING_AUTH", "flowship")
    assert MlflowClient(address).create_experiment("made from a terminal")
    assert logging_in.end(address, found)
    assert logging_in.who(address, found) is None


def test_users_see_and_revoke_their_own(server: Running) -> None:
    ann, bob = (signed_in(server, f"token-{name}", PASSWORD) for name in ("ann", "bob"))
    token = made_token(bob)
    (number,) = re.findall(r'name="id" value="(\w+)"', bob.go("/tokens").text)

    assert number not in ann.go("/tokens").text
    assert post_tokens(ann, do="revoke", id=number).status_code == 400
    assert status(server, bearer(token)) == 200
    assert "Revoked for a test" in post_tokens(bob, do="revoke", id=number).text
    assert status(server, bearer(token)) == 401


def test_only_admins_make_them_for_others(server: Running) -> None:
    own = made_token(signed_in(server, "token-ann", PASSWORD), **{"for": "token-bot"})
    admin = signed_in(server, *ADMIN)
    service = made_token(admin, **{"for": "token-bot"})

    assert '"username":"token-ann"' in ask(server.address, CURRENT, headers=bearer(own)).text
    assert '"username":"token-bot"' in ask(server.address, CURRENT, headers=bearer(service)).text
    assert post_tokens(admin, do="make", name="x", days="30", **{"for": "nobody"}).status_code == 400


def test_a_token_makes_no_tokens(server: Running) -> None:
    token = made_token(signed_in(server, "token-ann", PASSWORD))
    own = {**bearer(token), "Origin": server.address}

    assert Browser(server.address).send("GET", "/tokens", own).status_code == 403
    assert Browser(server.address).send("POST", "/tokens", own, data={"do": "make", "name": "x"}).status_code == 403


def test_pages_of_others_make_and_revoke_none(server: Running) -> None:
    browser = signed_in(server, "token-ann", PASSWORD)
    form = {"do": "make", "name": "forged", "days": "30"}

    for headers in ({"Origin": "http://localhost:1"}, {"Sec-Fetch-Site": "same-site"}, {}):
        assert browser.send("POST", "/tokens", headers, data=form).status_code == 403
        by_password = {**headers, **basic("token-ann", PASSWORD)}
        assert Browser(server.address).send("POST", "/tokens", by_password, data=form).status_code == 403
    assert "forged" not in browser.go("/tokens").text


def test_it_ends_with_its_user(server: Running) -> None:
    token = made_token(signed_in(server, "token-cat", PASSWORD))
    body = {"username": "token-cat"}

    assert ask(server.address, f"{API}/users/delete", method="DELETE", body=body, headers=basic(*ADMIN)).status == 200
    assert status(server, bearer(token)) == 401
    make_users(server, ("token-cat", PASSWORD))
    assert status(server, bearer(token)) == 401


def test_many_wrong_ones_hold_up_nobody_and_are_not_kept(server: Running) -> None:
    token = made_token(signed_in(server, "token-ann", PASSWORD))

    def guess(number: int) -> set[int]:
        connection = connect(server.address)
        wrong = (f"flowship_{secrets.token_urlsafe(32)}" for _ in range(200))
        found = {ask(connection, CURRENT, headers=bearer(each)).status for each in wrong}
        connection.close()
        return found

    with ThreadPoolExecutor(4) as guessing:
        guesses = [guessing.submit(guess, number) for number in range(4)]
        right = [status(server, bearer(token)) for _ in range(20)]
        assert {each for guessed in guesses for each in guessed.result()} <= {401, 503}
    assert set(right) == {200}
    assert status(server, basic("token-ann", PASSWORD)) == 200, "wrong tokens are no failures of an address"


def test_a_token_or_its_hash_is_nowhere_to_be_seen(server: Running) -> None:
    browser = signed_in(server, "token-ann", PASSWORD)
    token = made_token(browser)
    status(server, bearer(token))
    with closing(sqlite3.connect(server.data / "basic_auth.db")) as users, users:
        kept = str(users.execute("SELECT * FROM flowship_tokens").fetchall())

    assert token not in kept
    assert token not in server.log()
    assert token not in browser.go("/tokens").text
    assert re.search(r"last used \d{4}-\d\d-\d\d", browser.go("/tokens").text)


def test_users_make_list_and_revoke_their_own_at_a_server_from_the_terminal(server: Running) -> None:
    login = {"MLFLOW_TRACKING_USERNAME": "token-cat", "MLFLOW_TRACKING_PASSWORD": PASSWORD}

    def tokens(*arguments: str) -> Any:
        done = run("tokens", *arguments, "--server", server.address, "--output", "json", environ=login)
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr

    made = tokens("make", "token-cat", "through the server")
    assert status(server, bearer(made["token"])) == 200
    assert (made["user"], made["scope"]) == ("token-cat", "read")
    assert [(each["user"], each["id"]) for each in tokens("list")] == [("token-cat", made["id"])]
    assert "Only an admin makes tokens for others." in tokens("make", "token-bob", "for another")
    assert tokens("revoke", made["id"])["id"] == made["id"]
    assert status(server, bearer(made["token"])) == 401
    assert "There is no such token any more." in tokens("revoke", made["id"])


def test_the_api_of_tokens_obeys_their_user_alone(server: Running) -> None:
    ann, bob = (signed_in(server, f"token-{name}", PASSWORD) for name in ("ann", "bob"))
    own = made_token(ann)
    number = re.findall(r'name="id" value="(\w+)"', post_tokens(bob, do="make", name="x", days="30").text)[0]
    asked = {"name": "made by another page"}

    for method in ("GET", "POST", "DELETE"):
        assert ask(server.address, TOKEN_API, method=method, body=asked, headers=bearer(own)).status == 403
        assert ask(server.address, TOKEN_API, method=method, body=asked).status == 401
        foreign = {"Origin": "https://evil.example.com", "Sec-Fetch-Site": "cross-site"}
        assert ann.send(method, TOKEN_API, foreign, json=asked).status_code == 403
    body = json.dumps(asked).encode()
    plain = {**basic("token-ann", PASSWORD), "Content-Type": "text/plain"}
    assert requests.post(f"{server.address}{TOKEN_API}", data=body, headers=plain, timeout=60).status_code == 400
    assert ann.script("DELETE", TOKEN_API, {"id": number}).status_code == 400
    assert number in bob.go("/tokens").text
    assert ann.script("POST", TOKEN_API, {"name": "x", "days": "30"}).json()["message"] == DAYS
    assert ann.script("POST", TOKEN_API, {"name": "x", "days": 99_999}).status_code == 400
    assert ann.script("POST", TOKEN_API, ["x"]).json()["message"] == NOT_JSON


def test_the_terminal_makes_lists_and_revokes_them(server: Running, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump({"auth": auth(), "server": {"auditLog": True}}))
    audited: list[dict[str, Any]] = []

    def tokens(*arguments: str) -> str:
        done = run("tokens", *arguments, "-f", str(file), "--data", str(server.data))
        assert done.returncode == 0, done.stderr
        audited.extend(json.loads(line) for line in done.stderr.splitlines())
        return done.stdout

    token = tokens("make", "token-bob", "from the terminal", "--days", "7").strip()
    assert status(server, bearer(token), SEARCH) == 200
    (line,) = [line for line in tokens("list", "token-bob").splitlines() if "from the terminal" in line]
    assert token not in line
    tokens("revoke", line.split()[0])
    assert "from the terminal" not in signed_in(server, *ADMIN).go("/tokens").text
    about = {"username": "token-bob", "id": line.split()[0]}
    assert [(each["audit"], each["what"], each["outcome"], each["about"]) for each in audited] == [
        ("terminal", "tokens/create", "done", about),
        ("terminal", "tokens/revoke", "done", about),
    ]
    assert all(" at " in each["by"] and token not in str(each) for each in audited)
