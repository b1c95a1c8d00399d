from __future__ import annotations

import hashlib
import sqlite3
import stat
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.effects import shows
from tests.integration import client
from tests.integration.flowship import Running, running
from tests.integration.servers.database import HARD_CHARACTERS, Database
from tests.integration.servers.postgres import PostgresServer
from tests.integration.signing_in import Browser, made_token, signed_in

API = "/api/2.0/mlflow"


def auth(password: str, **more: Any) -> dict[str, Any]:
    return {"auth": {"enabled": True, "adminUsername": "admin", "adminPassword": password, **more}}


def credentials(user: str, password: str) -> dict[str, str]:
    """RFC 7617's header, in UTF-8 as MLflow's client sends it."""
    return {"Authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def status(server: Running, user: str = "", password: str = "") -> int:
    """The answer to a search for experiments."""
    return requests.get(
        f"{server.address}{API}/experiments/search?max_results=1",
        headers=credentials(user, password) if user else {},
        timeout=30,
    ).status_code


def post(server: Running, path: str, user: tuple[str, str], body: dict[str, Any]) -> requests.Response:
    return requests.post(f"{server.address}{API}{path}", headers=credentials(*user), json=body, timeout=30)


def patch(server: Running, path: str, user: tuple[str, str], body: dict[str, Any]) -> int:
    return requests.patch(f"{server.address}{API}{path}", headers=credentials(*user), json=body, timeout=30).status_code


@shows("auth.enabled", "auth.adminUsername", "auth.configFile")
@pytest.mark.parametrize("password", [HARD_CHARACTERS.join("ab") + "éß密🔑", "line\nbreak\tand tab %(x)s ${HOME} \"'`"])
def test_the_admin_logs_in_with_any_password_and_it_is_nowhere_to_be_seen(password: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(auth(password), data=data, program=True) as server:
        command_lines = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in server.pids()]
        files = [path for path in data.rglob("*") if path.is_file()]

        assert status(server, "admin", password) == 200
        assert status(server, "admin", password + "x") == 401
        assert status(server) == 401
        assert len(command_lines) > 2
        assert not any(password.encode() in line for line in command_lines)
        assert not any(password.encode() in path.read_bytes() for path in files)
        assert stat.S_IMODE((data / "auth" / "basic_auth.ini").stat().st_mode) == 0o600
        assert password not in server.log()


@shows("sessions.idleSeconds", "sessions.lifetimeSeconds")
def test_the_stock_client_and_a_browser_log_in_with_the_admins_credentials(tmp_path: Path) -> None:
    values = {**auth("correct horse battery"), "sessions": {"idleSeconds": 900, "lifetimeSeconds": 1200}}
    with running(values, data=tmp_path / "data") as server:
        environ = {"MLFLOW_TRACKING_USERNAME": "admin", "MLFLOW_TRACKING_PASSWORD": "correct horse battery"}

        assert client.as_user("log_and_read", server.address, environ) == client.LOGGED

        reading, writing = (
            {"MLFLOW_TRACKING_TOKEN": made_token(signed_in(server, "admin", "correct horse battery"), scope)}
            for scope in ("read", "all")
        )
        assert client.as_user("read", server.address, reading) == client.LOGGED
        assert client.as_user("log_another", server.address, writing) is True

        used, unused, old = (signed_in(server, "admin", "correct horse battery") for _ in range(3))
        assert "Max-Age=1200" in used.said
        _make_older(server.data, unused, seen=901)
        _make_older(server.data, old, made=1201)
        assert [each.go("/").status_code for each in (used, unused, old)] == [200, 303, 303]


def _make_older(data: Path, browser: Browser, *, made: int = 0, seen: int = 0) -> None:
    kept = hashlib.sha256(browser.cookies["flowship_session"].encode()).hexdigest()
    with closing(sqlite3.connect(data / "basic_auth.db", timeout=60)) as users, users:
        older = "UPDATE flowship_sessions SET made_at = made_at - ?, seen_at = seen_at - ? WHERE hash = ?"
        assert users.execute(older, (made, seen, kept)).rowcount == 1


def test_the_admins_password_follows_the_values_and_not_the_other_way_round(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first, second, own = "first password", "second password", "chosen in the UI"
    with running(auth(first), data=data) as server:
        change = {"username": "admin", "current_password": first, "password": own}
        assert patch(server, "/users/update-password", ("admin", first), change) == 200
    with running(auth(first), data=data) as server:
        assert (status(server, "admin", own), status(server, "admin", first)) == (200, 401)
    with running(auth(second), data=data) as server:
        assert (status(server, "admin", second), status(server, "admin", own)) == (200, 401)
        assert "changed the password of the admin admin" in server.log()


@shows("auth.defaultPermission", "sessions.enabled", "tokens.enabled")
def test_users_may_do_what_the_default_permission_says_and_browsers_ask_where_there_is_no_page(tmp_path: Path) -> None:
    admin, user = ("admin", "correct horse battery"), ("ada", "another password")
    values = {**auth(admin[1], defaultPermission="READ"), "sessions": {"enabled": False}, "tokens": {"enabled": False}}
    with running(values, data=tmp_path / "data") as server:
        page = Browser(server.address).go("/")
        assert (page.status_code, page.headers["WWW-Authenticate"]) == (401, 'Basic realm="mlflow"')
        assert Browser(server.address).sign_in(*admin).status_code == 401
        assert Browser(server.address).send("GET", "/tokens", credentials(*admin)).status_code == 404
        assert post(server, "/users/create", admin, {"username": user[0], "password": user[1]}).status_code == 200
        experiment = post(server, "/experiments/create", admin, {"name": "e"}).json()["experiment_id"]

        read = requests.get(
            f"{server.address}{API}/experiments/get?experiment_id={experiment}", headers=credentials(*user), timeout=30
        )
        update = post(server, "/experiments/update", user, {"experiment_id": experiment, "new_name": "f"})

        assert (read.status_code, update.status_code) == (200, 403)


@shows(
    "auth.postgres.enabled",
    "auth.postgres.host",
    "auth.postgres.port",
    "auth.postgres.database",
    "auth.postgres.user",
    "auth.postgres.driver",
)
def test_users_are_kept_in_postgres_with_any_password(postgres: PostgresServer, tmp_path: Path) -> None:
    """By psycopg 3; `server/test_basic_auth.py` keeps them there by the driver that is the default."""
    database = postgres.fresh_database()
    with running(
        auth("correct horse battery", postgres=database.section(driver="psycopg")), data=tmp_path / "data"
    ) as server:
        assert status(server, "admin", "correct horse battery") == 200
        assert _users(database, postgres) == ["admin"]
    assert not (tmp_path / "data" / "basic_auth.db").exists()


def _users(database: Database, server: PostgresServer) -> list[str]:
    return [row[0] for row in server.execute("SELECT username FROM users", database.name)]


@shows("auth.sqliteFile")
def test_users_are_kept_in_the_file_that_the_values_name(tmp_path: Path) -> None:
    folder = tmp_path / "volumes" / "auth"
    values = auth("correct horse battery", sqliteFile="users.db", sqliteFullPath=str(folder), configFile="my.ini")

    with running(values, data=tmp_path / "data") as server:
        assert status(server, "admin", "correct horse battery") == 200

    assert (folder / "users.db").exists()
    assert (tmp_path / "data" / "auth" / "my.ini").exists()


@shows("auth.appName")
def test_a_flask_app_of_ones_own_is_served_and_knows_the_admin(tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    package = modules / "greeter-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[mlflow.app]\ngreeter = greeter:create_app\n")
    (modules / "greeter.py").write_text(
        "import os\n"
        "from mlflow.server import app as mlflow_app\n"
        "def create_app(app=mlflow_app):\n"
        "    known = os.environ['MLFLOW_AUTH_ADMIN_USERNAME'], os.environ['MLFLOW_AUTH_ADMIN_PASSWORD']\n"
        "    app.add_url_rule('/greeting', view_func=lambda: ' '.join(known), endpoint='greeting')\n"
        "    return app\n"
    )
    values = auth("correct horse battery", appName="greeter")
    values["extraEnvVars"] = {"PYTHONPATH": str(modules), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    values["extraArgs"] = {"workers": 1}

    with running(values, data=tmp_path / "data") as server:
        assert requests.get(f"{server.address}/greeting", timeout=30).text == "admin correct horse battery"


@shows("auth.authorizationFunction")
def test_a_function_of_ones_own_authenticates(tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "badge.py").write_text(
        "from flask import make_response, request\n"
        "from werkzeug.datastructures import Authorization\n"
        "def check():\n"
        "    if request.headers.get('X-Badge') == 'gold':\n"
        "        return Authorization('basic', {'username': 'admin', 'password': 'unused'})\n"
        "    return make_response('no badge', 401)\n"
    )
    values = auth("correct horse battery", authorizationFunction="badge:check")
    values["extraEnvVars"] = {"PYTHONPATH": str(modules)}

    with running(values, data=tmp_path / "data") as server:
        address = f"{server.address}{API}/experiments/search?max_results=1"
        with_badge = requests.get(address, headers={"X-Badge": "gold"}, timeout=30)

        assert with_badge.status_code == 200
        assert status(server, "admin", "correct horse battery") == 401
