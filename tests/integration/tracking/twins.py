"""A program that sends the same requests to MLflow's own handlers and to the hot API, about twin runs of one database,
and fails where answers or rows differ. Its arguments are the URL of a migrated database, and a number of examples.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from starlette.types import Message

API = "/api/2.0/mlflow"
TABLES = ("metrics", "latest_metrics", "params", "tags")

# ------------------------------------------------------------------------------------------------- requests that differ

KEYS = st.sampled_from(
    ["loss", "Loss", "a/b", "ä 密", "x" * 250, "x" * 251, "a//b", "../a", "", "😀", "n\0", "mlflow.runName"]
)
TEXTS = st.one_of(KEYS, st.text(max_size=20), st.just("v" * 6001), st.just("v" * 501))
ODD: st.SearchStrategy[Any] = st.sampled_from([None, True, "7", 1.5, [], {}, 2**63, -1, "NaN", "1e3"])
NUMBERS = st.sampled_from(["NaN", "Infinity", "-Infinity", 2**60, 2**64, 1e308, -0.0, 5e-324])
VALUES = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-3, 3), NUMBERS, ODD)
TIMES = st.one_of(st.integers(0, 3), st.sampled_from([2**53 + 1, 2**63 - 1]), ODD)
STEPS = st.one_of(st.integers(-2, 3), st.sampled_from([2**63 - 1, -(2**63)]), ODD)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Mostly what is right."""
    return st.one_of(strategy, strategy, strategy, ODD)


METRIC = st.fixed_dictionaries(
    {"key": KEYS, "value": VALUES, "timestamp": TIMES}, optional={"step": STEPS, "model_id": st.just("m-1"), "odd": ODD}
)
GOOD_METRIC = st.fixed_dictionaries(
    {
        "key": st.sampled_from(["loss", "acc"]),
        "value": st.one_of(st.integers(-2, 2), st.floats(-2, 2), st.just("NaN")),
        "timestamp": st.integers(0, 2),
        "step": st.integers(0, 2),
    }
)
PAIR = st.fixed_dictionaries({"key": KEYS, "value": TEXTS}, optional={"odd": ODD})
GOOD_PAIR = st.fixed_dictionaries({"key": st.sampled_from(["a", "b", "c"]), "value": st.sampled_from(["1", "2"])})
BATCH = st.fixed_dictionaries(
    {},
    optional={
        "metrics": maybe(st.lists(st.one_of(GOOD_METRIC, GOOD_METRIC, METRIC), max_size=6)),
        "params": maybe(st.lists(st.one_of(GOOD_PAIR, PAIR), max_size=3)),
        "tags": maybe(st.lists(st.one_of(GOOD_PAIR, PAIR), max_size=3)),
    },
)
GOOD_BATCH = st.fixed_dictionaries(
    {
        "metrics": st.lists(GOOD_METRIC, max_size=8),
        "params": st.lists(GOOD_PAIR, max_size=2, unique_by=lambda pair: pair["key"]),
        "tags": st.lists(GOOD_PAIR, max_size=2, unique_by=lambda pair: pair["key"]),
    }
)
REQUESTS = st.one_of(
    st.tuples(st.just("log-metric"), st.one_of(GOOD_METRIC, METRIC)),
    st.tuples(st.just("log-batch"), st.one_of(GOOD_BATCH, BATCH)),
    st.tuples(st.just("log-parameter"), st.one_of(GOOD_PAIR, PAIR)),
    st.tuples(st.just("set-tag"), st.one_of(GOOD_PAIR, PAIR)),
)
SEQUENCES = st.lists(REQUESTS, min_size=1, max_size=5)
PAGES = st.fixed_dictionaries(
    {}, optional={"max_results": st.sampled_from(["1", "2", "100", "0", "-1", "x", "2147483648"])}
)

# ------------------------------------------------------------------------------------------------------ the two sides


@dataclass
class Answered:
    """A response, as far as clients look."""

    status: int
    headers: dict[str, str]
    body: bytes
    by: str

    def without(self, run_id: str) -> tuple[int, str | None, Any]:
        """What is said, of whatever run, in an order of its own where MLflow has none."""
        text = self.body.decode().replace(run_id, "RUN")
        try:
            said = ordered(json.loads(text))
        except ValueError:
            said = text
        return self.status, self.headers.get("content-type"), said


def ordered(said: Any) -> Any:
    """The same with the lists of a run's data sorted: MLflow reads them in the order in which they lie, and so
    values of a metric that its order leaves equal: those that are not a number are kept as 0, and in some
    collations `Loss` is `loss`."""
    points = said.get("metrics", []) if isinstance(said, dict) else []
    places = [(point["timestamp"], point["step"], 0 if point["value"] == "NaN" else point["value"]) for point in points]
    assert places == sorted(places)
    points.sort(key=lambda point: (point["timestamp"], point["step"], str(point["value"]), point["key"]))
    data = said.get("run", {}).get("data", {}) if isinstance(said, dict) else {}
    for name in data:
        data[name] = sorted(data[name], key=lambda one: one["key"])
    return said


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

        from flowship.tracking.hot_api import HotApi, hot_routes
        from flowship.tracking.store import Store

        self._flask = app.test_client()
        self._loop = asyncio.new_event_loop()
        self._hot = HotApi(self._hand_over, hot_routes(), Store(), gated=False, answering=lambda route: None)
        self.store = handlers._get_tracking_store()
        self.handed_over = 0

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


def same(sides: Sides, answered: dict[str, int]) -> None:
    """Send sequences of writes to twin runs, and read both back."""

    def compare(run_id: str, method: str, path: str, query: str) -> None:
        theirs, ours = (side(method, path, query, b"") for side in (sides.mlflow, sides.flowship))
        assert ours.without(run_id) == theirs.without(run_id), (path, query, ours, theirs)
        answered[f"{path} {ours.by}"] = answered.get(f"{path} {ours.by}", 0) + 1

    @settings(max_examples=int(sys.argv[2]), deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(sequence=SEQUENCES, page=PAGES, deleted=st.sampled_from([False] * 9 + [True]))
    def twins(sequence: list[tuple[str, dict[str, Any]]], page: dict[str, str], deleted: bool) -> None:
        theirs, ours = sides.new_run(), sides.new_run()
        if deleted:
            sides.store.delete_run(theirs)
            sides.store.delete_run(ours)
        for route, said in sequence:
            answers = []
            for side, run_id in ((sides.mlflow, theirs), (sides.flowship, ours)):
                body = json.dumps({"run_id": run_id, **said}).encode()
                answers.append(side("POST", f"{API}/runs/{route}", "", body))
            assert answers[0].without(theirs) == answers[1].without(ours), (route, said, answers)
            answered[f"{route} {answers[1].by}"] = answered.get(f"{route} {answers[1].by}", 0) + 1
        assert sides.rows(theirs) == sides.rows(ours), sequence
        compare(ours, "GET", f"{API}/runs/get", f"run_id={ours}&run_uuid={ours}")
        for key in ("loss", "none"):
            query = "".join(f"&{name}={value}" for name, value in page.items() if not tied(sides.rows(ours)["metrics"]))
            compare(ours, "GET", f"{API}/metrics/get-history", f"run_id={ours}&metric_key={key}{query}")

    twins()
    for query in ("experiment_id=0", "experiment_id=00", "experiment_id=99", "experiment_id=x", ""):
        compare("none", "GET", f"{API}/experiments/get", query)
    for query in ("experiment_name=Default", "experiment_name=default", "experiment_name=no", "experiment_name=", ""):
        compare("none", "GET", f"{API}/experiments/get-by-name", query)


if __name__ == "__main__":
    counts: dict[str, int] = {}
    same(Sides(sys.argv[1]), counts)
    sys.stdout.write(json.dumps(counts))
