"""MLflow's own handlers, and the hot API in front of them, on one database: what tests ask both of."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message

API = "/api/2.0/mlflow"
TABLES = ("metrics", "latest_metrics", "params", "tags")
"""What belongs to a run."""


@dataclass
class Answered:
    """A response, as far as clients look."""

    status: int
    headers: dict[str, str]
    body: bytes
    by: str

    def without(self, run_id: str) -> tuple[int, str | None, Any]:
        """What is said, of whatever run, in an order of its own where MLflow has none."""
        text = self.body.decode()
        text = text.replace(run_id, "RUN") if run_id else text
        try:
            said = ordered(json.loads(text, parse_constant="<{}>".format))
        except json.JSONDecodeError:
            said = text
        return self.status, self.headers.get("content-type"), said


def ordered(said: Any) -> Any:
    """The same with the lists of a run's data sorted: MLflow reads them in the order in which they lie, and so
    values of a metric that its order leaves equal: those that are not a number are kept as 0, and in some
    collations `Loss` is `loss`. So are the assessments of a trace."""
    points = said.get("metrics", []) if isinstance(said, dict) else []
    if points and "run_id" in points[0]:  # of several runs
        return said
    places = [(point["timestamp"], point["step"], 0 if point["value"] == "NaN" else point["value"]) for point in points]
    assert places == sorted(places)
    points.sort(key=lambda point: (point["timestamp"], point["step"], str(point["value"]), point["key"]))
    for experiment in said.get("experiments", []) if isinstance(said, dict) else []:
        experiment.get("tags", []).sort(key=partial(json.dumps, sort_keys=True))
    for trace in said.get("traces", []) if isinstance(said, dict) else []:
        trace.get("assessments", []).sort(key=lambda assessment: str(assessment["assessment_id"]))
    for run in _runs(said):
        for one in (run["data"], run.get("inputs", {}), *run.get("inputs", {}).get("dataset_inputs", [])):
            for name in one.keys() - {"dataset"}:
                one[name].sort(key=partial(json.dumps, sort_keys=True))
    return said


def _runs(said: Any) -> list[Any]:
    """The whole runs of an answer."""
    if not isinstance(said, dict):
        return []
    return [*said.get("runs", []), *([said["run"]] if "data" in said.get("run", {}) else [])]


def tied(rows: list[tuple[Any, ...]]) -> bool:
    """Whether MLflow's order of these values of metrics leaves two of them in any order, on any page."""
    places = [tuple(one for one in row if one[0] in {"timestamp", "step", "value"}) for row in rows]
    return len(set(places)) < len(places)


class Sides:
    """MLflow's handlers, and the hot API in front of them."""

    def __init__(self, url: str) -> None:
        os.environ["_MLFLOW_SERVER_FILE_STORE"] = url
        os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"] = "mlflow-artifacts:/"
        os.environ["MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE"] = "true"
        from mlflow.server import app, handlers

        from flowship.tracking.database import TrackingDatabase
        from flowship.tracking.hot_api import HotApi, hot_routes

        self._flask = app.test_client()
        self._loop = asyncio.new_event_loop()
        self._hot = HotApi(self._hand_over, hot_routes(), TrackingDatabase(), gated=False, answering=lambda route: None)
        self.store = handlers._get_tracking_store()
        # MLflow has left the connection that made the first experiment in MySQL's lax mode.
        self.store.engine.dispose()
        self.handed_over = 0
        self.answered: dict[str, int] = {}
        """How often each route was answered, by whom."""

    def compare(self, run_id: str, method: str, path: str, query: str = "", body: bytes = b"") -> Answered:
        """What the hot API answers, which is what MLflow does."""
        theirs, ours = (side(method, path, query, body) for side in (self.mlflow, self.flowship))
        assert ours.without(run_id) == theirs.without(run_id), (path, query, body)
        self.count(path, ours)
        return ours

    def count(self, route: str, answer: Answered) -> None:
        """Count an answer of the hot API."""
        name = f"{route.removeprefix(f'{API}/')} {answer.by}"
        self.answered[name] = self.answered.get(name, 0) + 1

    def mlflow(self, method: str, path: str, query: str, body: bytes) -> Answered:
        """What MLflow answers."""
        found = self._flask.open(
            path, method=method, query_string=query, data=body, content_type="application/json" if body else None
        )
        return Answered(found.status_code, {k.lower(): v for k, v in found.headers.items()}, found.data, "mlflow")

    def flowship(self, method: str, path: str, query: str, body: bytes) -> Answered:
        """What the hot API answers, or MLflow behind it."""
        return self._loop.run_until_complete(self._ask(method, path, query, body))

    async def _ask(self, method: str, path: str, query: str, body: bytes) -> Answered:
        half = len(body) // 2
        messages = [
            {"type": "http.request", "body": body[:half], "more_body": True},
            {"type": "http.request", "body": body[half:], "more_body": False},
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return messages.pop(0)

        async def send(message: Message) -> None:
            sent.append(dict(message))

        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())] if body else []
        before = self.handed_over
        await self._hot(
            {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers},
            receive,
            send,
        )
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answered(
            sent[0]["status"], found, sent[1]["body"], "mlflow" if self.handed_over > before else "flowship"
        )

    async def _hand_over(self, scope: Any, receive: Any, send: Any) -> None:
        self.handed_over += 1
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        found = self.mlflow(scope["method"], scope["path"], scope["query_string"].decode(), body)
        headers = [(name.encode(), value.encode()) for name, value in found.headers.items()]
        await send({"type": "http.response.start", "status": found.status, "headers": headers})
        await send({"type": "http.response.body", "body": found.body})

    def new_run(self) -> str:
        """An active run without anything."""
        return str(self.store.create_run("0", "", 1, [], "twin").info.run_id)

    def rows(self, run_id: str) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of the run."""
        from sqlalchemy import text

        with self.store.engine.connect() as connection:
            found = {}
            for table in TABLES:
                rows = connection.execute(
                    text(f"SELECT * FROM {table} WHERE run_uuid = :id"),  # noqa: S608 - one of TABLES
                    {"id": run_id},
                ).mappings()
                found[table] = sorted(tuple(sorted((k, v) for k, v in row.items() if k != "run_uuid")) for row in rows)
            return found


def follow(asked: dict[str, Any], ask: Callable[[dict[str, Any]], Answered]) -> None:
    """Ask for a page, and for some that follow it."""
    for _ in range(4):
        answer = ask(asked)
        if answer.status != 200 or not (token := json.loads(answer.body).get("next_page_token")):
            break
        asked = {**asked, "page_token": token}


def mostly(right: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What is right, and seldom what is not: Hypothesis counts a strategy once, however often it is offered."""
    return st.sampled_from(range(20)).flatmap(lambda number: odd if number == 19 else right)


def many(test: Callable[..., None]) -> Callable[..., None]:
    """The test with as many examples as the program's second argument says: always the same ones, or by a third."""
    limits: Any = {"max_examples": int(sys.argv[2]), "deadline": None, "database": None}
    settings = hypothesis.settings(
        **limits, derandomize=len(sys.argv) < 4, suppress_health_check=list(hypothesis.HealthCheck)
    )
    return settings(test) if len(sys.argv) < 4 else hypothesis.seed(int(sys.argv[3]))(settings(test))


def main(test: Callable[[Sides], None]) -> None:
    """Run a program of twins, whose first argument is the URL of the database; print what was answered by whom."""
    sides = Sides(sys.argv[1])
    test(sides)
    sys.stdout.write(json.dumps(sides.answered))
