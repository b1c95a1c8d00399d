"""The hot API in a running server: who may, who may not, many at once, and a worker that is killed."""

from __future__ import annotations

import json
import os
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from sqlalchemy import inspect

from flowship.database.engine import open_engine
from flowship.database.migrating.search_indexes import RUNS_BY_START
from flowship.database.url import sqlite_url
from tests.effects import shows
from tests.integration.flowship import Running, running
from tests.integration.server.asking import Answer, ask, basic, connect, workers
from tests.integration.servers.process import free_port
from tests.integration.users import ADMIN, User, auth, make_users

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPConnection
    from pathlib import Path

API, TRACES_API = "/api/2.0/mlflow", "/api/3.0/mlflow"
LEVELS = ("READ", "EDIT", "MANAGE", "DENY")
"""Each is what a user of this name has of one experiment; another user, `none`, has nothing of it."""
VALUES = {"auth": auth(defaultPermission="NO_PERMISSIONS"), "extraArgs": {"workers": 2}}


RUN_OF_TRACE = "mlflow.sourceRun"
"""The metadata of a trace that names a run, which is told only to those who may see runs."""


class Place(NamedTuple):
    """A run, and the experiment that it is in."""

    experiment: str
    name: str
    run: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(VALUES, data=tmp_path_factory.mktemp("hot") / "data", inner_port=free_port()) as started:
        make_users(started, *map(password, (*LEVELS, "none", "kept out")))
        yield started


@pytest.fixture(scope="module")
def place(server: Running) -> Place:
    name = "hot experiment"
    experiment = done(server, ADMIN, "POST", f"{API}/experiments/create", name=name)["experiment_id"]
    for level in LEVELS:
        grant(server, level, experiment, permission=level)
    run = new_run(server, experiment)
    good = {"assessment_name": "good", "source": {"source_type": "HUMAN"}, "feedback": {"value": True}}
    whole = {**trace(experiment, 1), "trace_metadata": {RUN_OF_TRACE: run, "a": "b"}, "assessments": [good]}
    done(server, ADMIN, "POST", f"{TRACES_API}/traces", trace={"trace_info": whole})
    return Place(experiment, name, run)


def trace(experiment: str, number: int) -> dict[str, Any]:
    """What its client says of a trace."""
    return {
        **{"trace_id": f"tr-{number:032x}", "state": "OK", "request_time": "2026-01-01T00:00:00Z"},
        "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}},
    }


def password(name: str) -> User:
    return (name, f"{name}'s password") if name != ADMIN[0] else ADMIN


def done(server: Running, user: User, method: str, path: str, **body: Any) -> Any:
    answer = ask(server.address, path, method=method, body=body, headers=basic(*user))
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def grant(server: Running, user: str, experiment: str, do: str = "grant", **permission: str) -> None:
    which = {"username": user, "resource_type": "experiment", "resource_id": experiment, **permission}
    done(server, ADMIN, "POST", f"/api/3.0/mlflow/users/permissions/{do}", **which)


def new_run(server: Running, experiment: str) -> str:
    return str(done(server, ADMIN, "POST", f"{API}/runs/create", experiment_id=experiment)["run"]["info"]["run_id"])


def requests(place: Place) -> dict[str, tuple[str, str, dict[str, Any] | None]]:
    """A request of each hot route."""
    run = place.run
    metric = {"key": "loss", "value": 1.0, "timestamp": 1}
    return {
        "runs/get": ("GET", f"run_id={run}", None),
        "metrics/get-history": ("GET", f"run_id={run}&metric_key=loss", None),
        "metrics/get-history-bulk-interval": ("GET", f"run_ids={run}&metric_key=loss", None),
        "experiments/get": ("GET", f"experiment_id={place.experiment}", None),
        "experiments/get-by-name": ("GET", f"experiment_name={place.name.replace(' ', '%20')}", None),
        "runs/log-metric": ("POST", "", {"run_id": run, **metric}),
        "runs/log-batch": ("POST", "", {"run_id": run, "metrics": [metric]}),
        "runs/log-parameter": ("POST", "", {"run_id": run, "key": "p", "value": "1"}),
        "runs/set-tag": ("POST", "", {"run_id": run, "key": "t", "value": "1"}),
        "runs/search": ("POST", "", {"experiment_ids": [place.experiment]}),
        "experiments/search": ("GET", "max_results=100&order_by=name", None),
        "traces": ("POST", "", {"trace": {"trace_info": trace(place.experiment, 2)}}),
        TRACES: ("POST", "", {"locations": [{"mlflow_experiment": {"experiment_id": place.experiment}}]}),
        "runs/create": ("POST", "", {"experiment_id": place.experiment, "run_name": "made", "start_time": 1}),
        "runs/update": ("POST", "", {"run_id": run, "status": "FINISHED", "end_time": 2}),
    }


TRACES = "traces/search"
FOUND = frozenset({"runs/search", "experiments/search"})
"""Routes that answer everybody, with what each may read."""


def said(answer: Answer) -> tuple[int, Any]:
    """An answer, whatever the ids of runs are."""
    text = re.sub("[0-9a-f]{32}", "RUN", answer.text)
    return answer.status, json.loads(text) if text.startswith("{") else text


def sent(server: Running, user: str, route: str, place: Place, *, odd: bool) -> Answer:
    """A request as clients send it, or with something in it that only MLflow answers."""
    method, query, body = requests(place)[route]
    if odd:
        query, body = (f"{query}&odd=1", None) if body is None else ("", {**body, "odd": 1})
    path = f"{TRACES_API if route.startswith('traces') else API}/{route}"
    path = f"{path}?{query}" if query else path
    return ask(server.address, path, method=method, body=body, headers=basic(*password(user)))


@pytest.mark.parametrize("user", [*LEVELS, "none", ADMIN[0]])
def test_each_user_may_what_mlflow_says(server: Running, place: Place, user: str) -> None:
    for route in requests(place):
        theirs, ours = (sent(server, user, route, place, odd=odd) for odd in (True, False))
        assert said(ours) == said(theirs), route
        assert ours.status == 200 or user not in {"MANAGE", ADMIN[0]}, route
        assert ours.status == 403 or user not in {"none", "DENY"} or route in FOUND, route
        assert ours.text != "{}" or user in {"none", "DENY"} or not route.endswith("search"), route


def test_what_is_decided_of_one_experiment_is_not_so_of_another(server: Running, place: Place) -> None:
    hidden = done(server, ADMIN, "POST", f"{API}/experiments/create", name="of nobody")["experiment_id"]
    grant(server, "READ", hidden, permission="DENY")
    runs = [new_run(server, experiment) for experiment in (place.experiment, hidden, place.experiment, hidden)]

    for user in (*LEVELS, "none", ADMIN[0]):
        for route in ("runs/get", "metrics/get-history", "runs/set-tag", "metrics/get-history-bulk-interval"):
            for run in runs:
                theirs, ours = (sent(server, user, route, place._replace(run=run), odd=odd) for odd in (True, False))
                assert said(ours) == said(theirs), (user, route)


def test_a_role_that_denies_counts(server: Running, place: Place) -> None:
    role = done(server, ADMIN, "POST", "/api/3.0/mlflow/roles/create", name="keeps out", workspace="default")["role"][
        "id"
    ]
    denied = (("run", "*", "DENY"), ("assessment", "*", "DENY"))
    for kind, pattern, permission in (("experiment", place.experiment, "MANAGE"), *denied):
        granted = {"resource_type": kind, "resource_pattern": pattern, "permission": permission}
        done(server, ADMIN, "POST", "/api/3.0/mlflow/roles/permissions/add", role_id=role, **granted)
    done(server, ADMIN, "POST", "/api/3.0/mlflow/roles/assign", role_id=role, username="kept out")

    for route in requests(place):
        theirs, ours = (sent(server, "kept out", route, place, odd=odd) for odd in (True, False))
        assert said(ours) == said(theirs), route
        assert ours.status == (200 if "experiment" in route or route in {"traces", TRACES, *FOUND} else 403), route
        assert ours.text == "{}" or route != "runs/search"
    traces = json.loads(sent(server, "kept out", TRACES, place, odd=False).text)["traces"]
    whole = next(each for each in traces if each["trace_id"] == f"tr-{1:032x}")
    assert whole["trace_metadata"]["a"] == "b"
    assert RUN_OF_TRACE not in whole["trace_metadata"]
    assert "assessments" not in whole
    by_run = {**(requests(place)[TRACES][2] or {}), "filter": f"metadata.`{RUN_OF_TRACE}` = '{place.run}'"}
    refused = ask(
        server.address, f"{TRACES_API}/{TRACES}", method="POST", body=by_run, headers=basic(*password("kept out"))
    )
    assert refused.status == 403, refused.text


def test_a_grant_that_is_taken_back_ends_at_once(server: Running, place: Place) -> None:
    routes = requests(place).keys() - FOUND
    grant(server, "none", place.experiment, permission="EDIT")
    for route in routes:
        assert [sent(server, "none", route, place, odd=False).status for _ in range(8)] == [200] * 8, route

    grant(server, "none", place.experiment, "revoke")

    for route in routes:
        assert [sent(server, "none", route, place, odd=False).status for _ in range(4)] == [403] * 4, route


def test_a_run_that_is_deleted_meanwhile_is_told_as_mlflow_does(server: Running, place: Place) -> None:
    there = place._replace(run=new_run(server, place.experiment))
    routes = [route for route, (_, *said) in requests(there).items() if there.run in str(said)]
    for route in routes:
        assert [sent(server, "EDIT", route, there, odd=False).status for _ in range(4)] == [200] * 4, route

    done(server, ADMIN, "POST", f"{API}/runs/delete", run_id=there.run)

    for route in routes:
        theirs, ours = (sent(server, "EDIT", route, there, odd=odd) for odd in (True, False))
        assert (ours.status, ours.text) == (theirs.status, theirs.text), route


def test_an_unknown_run_is_mlflows_to_tell(server: Running, place: Place) -> None:
    for user in (ADMIN[0], "MANAGE"):
        for route in ("runs/get", "runs/log-metric", "runs/set-tag", "runs/update"):
            unknown = place._replace(run="0" * 32)
            theirs, ours = (sent(server, user, route, unknown, odd=odd) for odd in (True, False))
            assert (ours.status, ours.text) == (theirs.status, theirs.text), (user, route)
            assert ours.status in {403, 404}


def answered(server: Running, *, hot: bool) -> set[str]:
    """The routes that the hot API has answered, or MLflow."""
    samples = ask(server.inner, "/metrics").text
    found = re.findall(r"^mlflow_http_request_duration_seconds_count{(.+)} ", samples, re.MULTILINE)
    return {
        labels["route"].removeprefix(f"{API}/").removeprefix(f"{TRACES_API}/")
        for labels in (dict(re.findall(r'(\w+)="([^"]*)"', sample)) for sample in found)
        if labels["hot"] == str(hot).lower()
    }


def indexes(data: Path) -> set[str | None]:
    """The indexes on the runs of a server's SQLite file."""
    return {index["name"] for index in inspect(open_engine(sqlite_url(data / "mlflow.db"))).get_indexes("runs")}


@shows("server.hotApi", "backendStore.searchIndex")
def test_hot_routes_are_answered_in_front_of_mlflow_unless_values_say_no(
    server: Running, place: Place, tmp_path: Path
) -> None:
    values = {**VALUES, "server": {"hotApi": False}, "backendStore": {"searchIndex": False}}
    with running(values, data=tmp_path / "data", inner_port=free_port()) as cold:
        experiment = done(cold, ADMIN, "POST", f"{API}/experiments/create", name=place.name)["experiment_id"]
        there = Place(experiment, place.name, new_run(cold, experiment))
        for started, where in ((server, place), (cold, there)):
            for route in requests(where):
                assert sent(started, ADMIN[0], route, where, odd=False).status == 200, route
        assert requests(place).keys() <= answered(cold, hot=False)
        assert answered(cold, hot=True) == set()

    assert answered(server, hot=True) == requests(place).keys()
    assert (RUNS_BY_START.name in indexes(server.data), RUNS_BY_START.name in indexes(tmp_path / "data")) == (
        True,
        False,
    )


def log_metric(connection: HTTPConnection, run: str, value: float, **more: int) -> Answer:
    body = {"run_id": run, "key": "loss", "value": value, **more}
    return ask(connection, f"{API}/runs/log-metric", method="POST", body=body, headers=basic(*ADMIN))


def test_what_many_write_at_once_is_there_once_and_the_latest_is_the_largest(server: Running, place: Place) -> None:
    shared = new_run(server, place.experiment)

    def client(number: int) -> list[int]:
        own = new_run(server, place.experiment)
        with closing(connect(server.address)) as connection:
            return [
                log_metric(connection, run, number, timestamp=number, step=step).status
                for step in range(20)
                for run in (shared, own)
            ]

    with ThreadPoolExecutor(8) as clients:
        assert {status for statuses in clients.map(client, range(8)) for status in statuses} == {200}

    history = done(server, ADMIN, "GET", f"{API}/metrics/get-history?run_id={shared}&metric_key=loss")["metrics"]
    assert sorted((point["step"], point["value"]) for point in history) == [(s, n) for s in range(20) for n in range(8)]
    (latest,) = done(server, ADMIN, "GET", f"{API}/runs/get?run_id={shared}")["run"]["data"]["metrics"]
    assert (latest["step"], latest["value"]) == (19, 7)


def test_what_was_answered_is_there_after_a_worker_was_killed(server: Running, place: Place) -> None:
    run = new_run(server, place.experiment)
    kept: list[int] = []
    victims = [workers(server, 2).pop()]

    def client(number: int) -> None:
        with closing(connect(server.address)) as connection:
            for step in range(number * 100, number * 100 + 40):
                try:
                    answer = log_metric(connection, run, 1, timestamp=1, step=step)
                except (OSError, HTTPException):
                    connection.close()  # the next request opens it again
                    continue
                if answer.status == 200:
                    kept.append(step)
                if len(kept) >= 60:
                    with suppress(IndexError):  # one client kills it
                        os.kill(victims.pop(), signal.SIGKILL)

    with ThreadPoolExecutor(4) as clients:
        list(clients.map(client, range(4)))

    history = done(server, ADMIN, "GET", f"{API}/metrics/get-history?run_id={run}&metric_key=loss")["metrics"]
    steps = [point["step"] for point in history]
    assert len(steps) == len(set(steps))
    assert set(kept) <= set(steps)
    assert victims == []
    assert len(kept) > 60


def test_pages_of_experiments_are_filled_with_what_a_user_may_read(server: Running, place: Place) -> None:
    for number in range(6):
        experiment = done(server, ADMIN, "POST", f"{API}/experiments/create", name=f"page {number}")["experiment_id"]
        if number % 3 == 0:
            grant(server, "READ", experiment, permission="READ")

    for user in ("READ", "none", ADMIN[0]):
        token = ""
        pages: list[list[str]] = []
        while len(pages) < 12:
            query = f"max_results=2&order_by=name&page_token={token}"
            theirs, ours = (
                ask(server.address, f"{API}/experiments/search?{query}{odd}", headers=basic(*password(user)))
                for odd in ("&odd=1", "")
            )
            assert (ours.status, ours.text) == (theirs.status, theirs.text), (user, query)
            page = json.loads(ours.text)
            pages.append([one["name"] for one in page.get("experiments", [])])
            if not (token := page.get("next_page_token")):
                break
        found = [name for page in pages for name in page]
        assert ([name for name in found if name.startswith("page")] == ["page 0", "page 3"]) is (user == "READ"), pages
        assert found == sorted(found)
