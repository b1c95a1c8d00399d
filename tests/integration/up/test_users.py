"""Users, roles and grants from the terminal: on the database of a server that runs, and through it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from flowship.auth.disabled import SENTENCE
from tests.integration import client, flowship
from tests.integration.flowship import running, write_values
from tests.integration.server.asking import Answer, ask, basic, eventually
from tests.integration.signing_in import signed_in
from tests.integration.users import ADMIN, auth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.flowship import Running

CURRENT = "/ajax-api/2.0/mlflow/users/current"
TTL = 2
VALUES: dict[str, Any] = {"auth": auth(defaultPermission="NO_PERMISSIONS", cacheTtlSeconds=TTL)}
LOGIN = {"MLFLOW_TRACKING_USERNAME": ADMIN[0], "MLFLOW_TRACKING_PASSWORD": ADMIN[1]}
JSON = {"Content-Type": "application/json"}
SECRET, OTHER = "a long password", "another long password"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(VALUES, data=tmp_path_factory.mktemp("users") / "data") as started:
        yield started


class Terminal:
    """Runs commands on the database of a server, or through it."""

    def __init__(self, server: Running, where: list[str], environ: dict[str, str]) -> None:
        self.server, self._where, self._environ = server, where, environ

    def as_user(self, name: str, password: str) -> Terminal:
        """The terminal of another user of the server."""
        login = {"MLFLOW_TRACKING_USERNAME": name, "MLFLOW_TRACKING_PASSWORD": password}
        return Terminal(self.server, self._where, login)

    def run(self, *command: str, typed: str = "", fails: bool = False) -> str:
        """What a command prints, or what it says if it shall fail."""
        done = flowship.run(*command, *self._where, input=typed, environ=self._environ)
        assert (done.returncode != 0) == fails, done.stderr
        assert SECRET not in done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def told(self, *command: str, typed: str = "") -> Any:
        return json.loads(self.run(*command, "--output", "json", typed=typed))

    def listed(self, what: str, name: str) -> dict[str, Any]:
        return next(each for each in self.told(what, "list") if each["name"] == name)


@pytest.fixture(scope="module")
def on_database(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """What is done to the database here is done by `tests/unit/accounts`: each command imports MLflow's app."""
    values = write_values(tmp_path_factory.mktemp("values") / "values.yaml", VALUES)
    return Terminal(server, ["-f", str(values), "--data", str(server.data)], {})


@pytest.fixture(scope="module")
def terminal(server: Running) -> Terminal:
    """The terminal of an admin of the server."""
    return Terminal(server, ["--server", server.address], LOGIN)


def answer(server: Running, name: str, password: str = SECRET, path: str = "users/current") -> Answer:
    return ask(server.address, f"/api/2.0/mlflow/{path}", headers=basic(name, password))


def test_a_user_signs_in_from_now_on_and_not_after_being_deleted(terminal: Terminal, server: Running) -> None:
    assert answer(server, "new").status == 401
    assert terminal.told("users", "add", "new", typed=f"{SECRET}\n") == {
        "name": "new",
        "admin": False,
        "disabled": False,
        "roles": [],
        "grants": [],
    }
    assert answer(server, "new").status == 200
    assert terminal.run("users", "admin", "new") == "✓ new is an admin\n"
    assert terminal.listed("users", "new")["admin"] is True
    terminal.run("users", "admin", "new", "--remove")
    assert terminal.listed("users", "new")["admin"] is False

    assert terminal.run("users", "set-password", "new", typed=OTHER) == "✓ new has another password\n"
    assert answer(server, "new").status == 401
    assert answer(server, "new", OTHER).status == 200
    assert terminal.run("users", "delete", "new", "--yes") == "✓ deleted the user new.\n"
    assert answer(server, "new", OTHER).status == 401


def test_a_disabled_user_is_kept_out_and_told_why_until_enabled(terminal: Terminal, server: Running) -> None:
    terminal.run("users", "add", "dan", "--admin", typed=SECRET)
    assert answer(server, "dan").status == 200
    browser = signed_in(server, "dan", SECRET)
    assert browser.script("GET", CURRENT).status_code == 200

    terminal.run("users", "disable", "dan")
    assert browser.script("GET", CURRENT).status_code in (401, 403)
    assert (answer(server, "dan").status, answer(server, "dan").text) == (403, SENTENCE), "at once, on this server"
    assert answer(server, "dan", OTHER).status == 401
    assert (terminal.listed("users", "dan")["admin"], terminal.listed("users", "dan")["disabled"]) == (True, True)
    terminal.run("users", "enable", "dan")
    assert answer(server, "dan").status == 200
    terminal.run("users", "delete", "dan", "--yes")


def test_what_is_done_to_the_database_reaches_a_running_server(on_database: Terminal, server: Running) -> None:
    on_database.run("users", "add", "ada", typed=SECRET)
    environ = {"MLFLOW_TRACKING_USERNAME": "ada", "MLFLOW_TRACKING_PASSWORD": SECRET}
    assert client.as_user("log_and_read", server.address, environ) == client.LOGGED
    assert "\nada " in on_database.run("users", "list")

    on_database.run("users", "disable", "ada")
    eventually(lambda: answer(server, "ada").status == 403)
    assert answer(server, "ada").text == SENTENCE
    on_database.run("users", "enable", "ada")
    assert answer(server, "ada").status == 200
    on_database.run("users", "delete", "ada", "--yes")
    eventually(lambda: answer(server, "ada").status in (401, 429))


def test_roles_and_grants_say_what_a_user_may_do(terminal: Terminal, server: Running) -> None:
    title = json.dumps({"name": "to be read"}).encode()
    path, login = "/api/2.0/mlflow/experiments", basic(*ADMIN)
    made = ask(server.address, f"{path}/create", method="POST", body=title, headers={**login, **JSON})
    number = json.loads(made.text)["experiment_id"]
    terminal.run("users", "add", "sue", typed=SECRET)

    def seen() -> int:
        return answer(server, "sue", SECRET, f"experiments/get?experiment_id={number}").status

    assert seen() == 403
    assert terminal.told("roles", "add", "readers", "--description", "who reads")["description"] == "who reads"
    terminal.run("roles", "assign", "readers", "sue")
    assert terminal.run("grant", "read", f"experiment:{number}", "--role", "readers") == (
        f"✓ who has the role readers has READ on experiment:{number}\n"
    )
    assert terminal.listed("roles", "readers") == {
        "name": "readers",
        "workspace": "default",
        "description": "who reads",
        "grants": [f"READ experiment:{number}"],
        "users": ["sue"],
    }
    assert "no experiment 77" in terminal.run("grant", "READ", "experiment:77", "--user", "sue", fails=True)
    assert seen() == 200, "nobody is kept from a new right, whatever is remembered"
    terminal.run("grant", "EDIT", f"experiment:{number}", "--user", "sue")
    assert terminal.told("grant", "DENY", f"experiment:{number}", "--user", "sue")["grants"] == [
        f"DENY experiment:{number}"
    ]
    assert seen() == 403
    terminal.run("revoke", f"experiment:{number}", "--user", "sue")
    assert seen() == 200
    terminal.run("roles", "delete", "readers", "--yes")
    assert seen() == 403
    terminal.run("users", "delete", "sue", "--yes")


def test_what_cannot_be_is_said(terminal: Terminal) -> None:
    assert terminal.run("users", "add", "bob", typed="short", fails=True) == (
        "✗ Password must be at least 12 characters.\n"
    )
    assert "Standard input holds no password" in terminal.run("users", "add", "bob", fails=True)
    assert "cannot carry" in terminal.run("users", "add", "a:b", typed=SECRET, fails=True)
    assert terminal.run("grant", "READ", "experiment:0", "--user", "admim", fails=True) == (
        "✗ There is no user 'admim'. Did you mean 'admin'?\n"
    )
    assert terminal.run("users", "disable", ADMIN[0], fails=True) == (
        "✗ 'admin' is the last admin who can sign in. Make another one first: flowship users admin NAME\n"
    )


def test_a_server_asks_who_is_there(terminal: Terminal, server: Running) -> None:
    terminal.run("users", "add", "tim", typed=SECRET)
    as_tim = terminal.as_user("tim", SECRET)

    wrong = terminal.as_user("tim", "wrong").run("users", "list", fails=True)
    assert f"{server.address} does not take this login. Set MLFLOW_TRACKING_USERNAME" in wrong
    assert f"{server.address} refuses this user: " in as_tim.run("users", "list", fails=True)
    as_tim.run("users", "set-password", "tim", typed=OTHER)
    assert answer(server, "tim", OTHER).status == 200
    terminal.run("users", "delete", "tim", "--yes")
    both = flowship.run("users", "list", "--server", server.address, "--set", "auth.enabled=true")
    assert (both.returncode, "give one of them" in both.stderr) == (2, True)


def test_without_a_database_of_users_there_is_nothing_to_list(tmp_path: Path) -> None:
    values = write_values(tmp_path / "values.yaml", VALUES)

    empty = flowship.run("users", "list", "-f", str(values), "--data", str(tmp_path))
    nobody = flowship.run("users", "list", "--data", str(tmp_path))

    assert "basic_auth.db is made by the first `flowship up`" in empty.stderr
    assert "These values know no users: auth.enabled is false." in nobody.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["values.yaml"]
