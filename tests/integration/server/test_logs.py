"""The log of a server: a line a request, one format for all, and no secret."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flowship.auth.pages.sign_in_pages import BY_MENU, BY_PAGE
from flowship.mlflow_seams.auth.pages import USER_COOKIE
from tests.effects import shows
from tests.integration.flowship import Running
from tests.integration.flowship import serving_program as serving
from tests.integration.server.asking import ARTIFACTS, SEARCH, ask, basic, eventually
from tests.integration.signing_in import signed_in
from tests.integration.tables import database_with_tables
from tests.integration.users import ADMIN, auth

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.servers.postgres import PostgresServer

PASSWORD = "correct-horse:battery é"
SECRET_QUERY = "max_results=1&filter=a-secret-in-a-query"
NOISY = """
import logging, sys, warnings
warnings.warn("a warning of Python's")
logging.getLogger("mlflow.noisy").warning("a warning of MLflow's")
"""


def values(log_format: str, database: dict[str, Any], config: Path, **more: Any) -> dict[str, Any]:
    return {
        "backendStore": {"postgres": database},
        "auth": {
            "enabled": True,
            "adminUsername": "ädmin",
            "adminPassword": PASSWORD,
            "configPath": str(config),
            "postgres": database,
        },
        "artifactRoot": {"proxiedArtifactStorage": True},
        "server": {"logFormat": log_format, "drainDelaySeconds": 0},
        **more,
    }


def accesses(log: str) -> list[str]:
    return [line for line in log.splitlines() if " flowship.access " in line]


def log_out_twice(server: Running) -> None:
    """By our page, and by MLflow's menu, which takes away the cookie that its scripts can see."""
    by_page = signed_in(server, "ädmin", "a-changed-password")
    by_page.send("POST", "/logout", {"Origin": by_page.origin})
    by_menu = signed_in(server, "ädmin", "a-changed-password")
    del by_menu.cookies[USER_COOKIE]
    by_menu.go("/")


def requests(server: Running) -> None:
    """Some of everything, each logged before the next is sent: a line is written after its response."""

    def logged() -> int:
        return server.log().count("flowship.access")

    def send(path: str, **request: Any) -> None:
        before = logged()
        ask(server.address, path, **request)
        eventually(lambda: logged() > before)

    send(SEARCH, headers=basic("ädmin", PASSWORD))
    send(f"{SEARCH}&{SECRET_QUERY}", headers=basic("ädmin", PASSWORD))
    send(SEARCH, headers=basic("ädmin", "a-wrong-password"))
    send(SEARCH, headers={"Authorization": "Bearer a-secret-token"})
    send(f"{ARTIFACTS}/{quote('a file.txt')}", method="PUT", body=b"x", headers=basic("ädmin", PASSWORD))
    send("/forged%0Aline", headers=basic("ädmin", PASSWORD))
    send("/api/2.0/mlflow/users/create", method="POST", body={"username": "eve", "password": "too"})
    change = {"username": "ädmin", "current_password": PASSWORD, "password": "a-changed-password"}
    changing = "/api/2.0/mlflow/users/update-password"
    send(changing, method="PATCH", body=change, headers=basic("ädmin", PASSWORD))


def secrets_in(log: str, database_password: str) -> list[str]:
    header = basic("ädmin", PASSWORD)["Authorization"].removeprefix("Basic ")
    secret = [
        PASSWORD,
        database_password,
        quote(database_password, safe=""),
        "a-wrong-password",
        "a-changed-password",
        "a-secret",
        header,
        "Authorization",
    ]
    return [each for each in secret if each in log or json.dumps(each).strip('"') in log]


@shows("server.auditLog")
def test_each_request_is_a_line_for_people_and_what_changes_users_one_for_auditors(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    database = database_with_tables(postgres)
    given = values("plain", database.section(), tmp_path / "auth")
    given["server"]["auditLog"] = True
    with serving(given, data=tmp_path / "data") as server:
        requests(server)
        counted = len(accesses(server.log()))
        log_out_twice(server)
        server.stop()
    log = server.log()
    lines = accesses(log)[:counted]

    assert len(lines) == 8
    pattern = (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO    flowship\.access \[\d+\] "
        r"127\.0\.0\.1 ädmin GET /api/2\.0/mlflow/experiments/search 200 \d+\.\d ms"
    )
    assert re.fullmatch(pattern, lines[0]), lines[0]
    assert " - GET /api/2.0/mlflow/experiments/search 401 " in lines[2]
    assert f" ädmin PUT {ARTIFACTS}/a%20file.txt 200 " in lines[4]
    assert re.search(r" GET /api/2\.0/mlflow/experiments/search 401 \d+\.\d ms tried as ädmin$", lines[2])
    assert " GET /forged%0Aline " in lines[5]
    assert secrets_in(log, database.password) == []

    audited = [json.loads(line) for line in log.splitlines() if line.startswith('{"time"')]
    attempts = {(line["outcome"], line["user"], line["tried"]) for line in audited if line["audit"] == "log-in"}
    assert attempts == {("verified", "ädmin", None), ("wrong", None, "ädmin")}
    logged_out = [(line["user"], line["by"], line["outcome"]) for line in audited if line["audit"] == "log-out"]
    assert logged_out == [("ädmin", BY_PAGE, "done"), ("ädmin", BY_MENU, "done")]
    (change,) = [line for line in audited if line["audit"] == "request"]
    assert (change["user"], change["what"], change["outcome"]) == ("ädmin", "users/update-password", "done")
    assert (change["client"], change["about"]) == ("127.0.0.1", {"username": "ädmin"})


@shows("server.logFormat")
def test_in_json_every_line_of_a_whole_run_is_an_object(postgres: PostgresServer, tmp_path: Path) -> None:
    database = postgres.fresh_database()
    with_jobs = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true"}
    given = values("json", database.section(), tmp_path / "auth", extraEnvVars=with_jobs)
    with serving(given, data=tmp_path / "data") as server:
        requests(server)
        server.stop()
    log = server.log()
    written = [line for line in log.splitlines() if not line.startswith("• ")]  # progress before the server starts
    lines = [json.loads(line) for line in written]
    access = [line for line in lines if line["logger"] == "flowship.access"]

    assert all({"time", "level", "logger", "process", "message"} <= set(line) for line in lines)
    assert len(access) == 8
    assert {key: access[0][key] for key in ("user", "method", "path", "route", "status", "client")} == {
        "user": "ädmin",
        "method": "GET",
        "path": "/api/2.0/mlflow/experiments/search",
        "route": "/api/2.0/mlflow/experiments/search",
        "status": 200,
        "client": "127.0.0.1",
    }
    assert access[0]["duration_ms"] > 0
    assert secrets_in(log, database.password) == []


def test_what_mlflow_and_python_say_has_the_same_format(tmp_path: Path) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "noisy.py").write_text(
        f"{NOISY}\nfrom mlflow.server.auth import authenticate_request_basic_auth as check\n"
    )
    given = {
        "auth": auth(authorizationFunction="noisy:check", configPath=str(tmp_path / "auth")),
        "extraEnvVars": {"PYTHONPATH": str(modules)},
        "server": {"logFormat": "json"},
    }
    with serving(given, data=tmp_path / "data") as server:
        ask(server.address, SEARCH, headers=basic(*ADMIN))  # which imports the function
        log = server.log()
    mlflow, python = (
        json.loads(next(line for line in log.splitlines() if said in line))
        for said in ("a warning of MLflow's", "a warning of Python's")
    )

    assert (mlflow["logger"], mlflow["level"]) == ("mlflow.noisy", "warning")
    assert python["logger"] == "py.warnings"
