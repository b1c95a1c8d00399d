from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flowship.server.http.observing.draining import Draining
from flowship.server.http.observing.observation import Observation, set_native_route, set_route, set_user
from flowship.server.reporting import metrics
from flowship.server.reporting.state import SharedState
from tests.unit.server.asgi import Answer, ask, hello


def observed(app: Any, path: str = "/", method: str = "GET", **scope: Any) -> Answer:
    return asyncio.run(ask(Observation(app, Draining(SharedState(1))), path, method, **scope))


def value(name: str, **labels: str) -> float:
    registry = metrics.registry(Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
    return registry.get_sample_value(name, labels) or 0.0


async def routed(scope: Any, receive: Any, send: Any) -> None:
    set_route("/api/<id>")
    set_user("ann")
    await hello(scope, receive, send)


async def native(scope: Any, receive: Any, send: Any) -> None:
    scope["route"] = SimpleNamespace(path="/native/{id}")
    await hello(scope, receive, send)


async def failing(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("broken")


def logged(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (record,) = [record for record in caplog.records if record.name == "flowship.access"]
    found: dict[str, Any] = vars(record)["request"]
    return found


@pytest.fixture(autouse=True)
def _info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "flowship.access")


def test_a_request_is_counted_and_timed_by_its_route() -> None:
    labels = {"method": "GET", "route": "/api/<id>", "status": "200", "hot": "false"}
    before = value("mlflow_http_request_duration_seconds_count", **labels)
    total = value("mlflow_http_request_total", method="GET", status="200")

    observed(routed, "/api/7")

    assert value("mlflow_http_request_duration_seconds_count", **labels) == before + 1
    assert value("mlflow_http_request_total", method="GET", status="200") == total + 1


def test_a_route_of_fastapi_is_known_too() -> None:
    labels = {"method": "PUT", "route": "/native/{id}", "status": "200", "hot": "false"}

    observed(native, "/native/7", "PUT")

    assert value("mlflow_http_request_duration_seconds_count", **labels) == 1


def test_a_route_of_fastapi_in_a_copy_of_the_scope_is_told_by_who_copied_it() -> None:
    labels = {"method": "DELETE", "route": "/native/{id}", "status": "200", "hot": "false"}

    async def copying(scope: Any, receive: Any, send: Any) -> None:
        scope = dict(scope)
        await native(scope, receive, send)
        set_native_route(scope)

    observed(copying, "/native/7", "DELETE")

    assert value("mlflow_http_request_duration_seconds_count", **labels) == 1


def test_what_clients_make_up_is_no_label() -> None:
    observed(hello, "/made/up", "BREW")

    labels = {"method": "other", "route": "other", "status": "200", "hot": "false"}
    assert value("mlflow_http_request_duration_seconds_count", **labels) == 1


def test_a_request_that_fails_is_counted_as_an_error_and_is_no_longer_in_progress() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        observed(failing)

    assert value("mlflow_http_request_exceptions_total", method="GET", status="500") == 1
    assert value("flowship_requests_in_progress") == 0
    assert value("flowship_busy_workers") == 0


def test_one_line_tells_who_asked_what_and_how_it_ended(caplog: pytest.LogCaptureFixture) -> None:
    observed(routed, "/api/7", raw_path=b"/api/7", query_string=b"token=secret")

    found = logged(caplog)
    assert found.pop("duration_ms") >= 0
    assert found == {
        "client": "192.0.2.7",
        "user": "ann",
        "method": "GET",
        "path": "/api/7",
        "route": "/api/<id>",
        "hot": False,
        "status": 200,
    }
    assert "secret" not in caplog.text


def test_a_name_or_a_path_cannot_forge_a_line(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        set_user("eve\n2026 INFO forged")
        await hello(scope, receive, send)

    observed(app, "/a\nb")

    assert logged(caplog)["user"] == r"eve\n2026 INFO forged"
    assert logged(caplog)["path"] == r"/a\nb"
    assert "\n" not in caplog.messages[0]


def test_a_request_that_began_while_the_server_ends_closes_its_connection() -> None:
    state = SharedState(1)
    state.drain()

    answer = asyncio.run(ask(Observation(hello, Draining(state)), "/"))

    assert answer.headers == [(b"x", b"y"), (b"connection", b"close")]


def test_other_things_than_requests_are_passed_on_unseen(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    asyncio.run(Observation(app, Draining(SharedState(1)))({"type": "lifespan"}, None, None))  # type: ignore[arg-type]

    assert seen == ["lifespan"]
    assert not caplog.records


def test_a_line_can_be_written_as_json(caplog: pytest.LogCaptureFixture) -> None:
    from flowship.server.reporting.logs import JsonFormatter

    observed(routed, "/api/7")
    (record,) = [record for record in caplog.records if record.name == "flowship.access"]

    said = json.loads(JsonFormatter().format(record))
    assert said["user"] == "ann"
    assert said["status"] == 200
    assert said["route"] == "/api/<id>"
    assert said["logger"] == "flowship.access"


@pytest.mark.parametrize(("status", "level"), [(200, logging.DEBUG), (304, logging.DEBUG), (404, logging.INFO)])
def test_the_scripts_of_a_page_are_logged_at_debug_level(
    caplog: pytest.LogCaptureFixture, status: int, level: int
) -> None:
    async def script(scope: Any, receive: Any, send: Any) -> None:
        set_route("/team/static-files/<path:path>")
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    caplog.set_level(logging.DEBUG, "flowship.access")
    observed(script)

    assert [record.levelno for record in caplog.records if record.name == "flowship.access"] == [level]
