"""What a database cannot keep is 400 with a sentence, on every kind of database; and no answer holds SQL."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.flowship import running
from tests.integration.server.writers import log_batches, post
from tests.integration.tables import database_with_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.flowship import Running

SQL = re.compile(r"(?i)\b(INSERT INTO|SELECT .* FROM|UPDATE \w+ SET|DELETE FROM|psycopg|pymysql|sqlite3|sqlalche)")
LONG, NUL, HALF = "n" * 300, "a\0b", "\ud800"
SAID = "The database cannot keep a value of this request: "


@pytest.fixture(scope="module", params=["sqlite", "postgres", "mysql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Running]]:
    kind, values = request.param, {}
    if kind != "sqlite":
        database = database_with_tables(request.getfixturevalue("mariadb" if kind == "mysql" else "postgres"))
        values = {"backendStore": {kind: database.section()}}
    with running(values, data=tmp_path_factory.mktemp("unkept") / "data") as started:
        yield kind, started


def requests(run: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every kind of thing that has a name or a value, with this text in it."""
    yield "experiments/create", {"name": text}
    yield "runs/create", {"experiment_id": "0", "run_name": text}
    yield "runs/update", {"run_id": run, "run_name": text}
    yield "runs/log-parameter", {"run_id": run, "key": "p", "value": text}
    yield "runs/log-metric", {"run_id": run, "key": text, "value": 1, "timestamp": 1}
    yield "runs/set-tag", {"run_id": run, "key": "t", "value": text}
    yield "runs/log-batch", {"run_id": run, "params": [{"key": "q", "value": text}]}
    yield "registered-models/create", {"name": text}
    yield "registered-models/create", {"name": f"m-{len(text)}-{ord(text[0])}", "description": text}
    yield "registered-models/alias", {"name": "model", "alias": text, "version": "1"}
    yield "model-versions/create", {"name": "model", "source": "mlflow-artifacts:/x", "run_link": text}
    yield "model-versions/set-tag", {"name": "model", "version": "1", "key": "k", "value": text}
    yield "registered-models/set-tag", {"name": "model", "key": "k", "value": text}
    yield "experiments/set-experiment-tag", {"experiment_id": "0", "key": "k", "value": text}
    yield "logged-models", {"experiment_id": "0", "name": text}


def test_no_answer_holds_sql_and_none_is_an_error_of_the_server(server: tuple[str, Running]) -> None:
    kind, started = server
    run = _run(started)
    post(started.address, "registered-models/create", {"name": "model"})
    refused = {}
    for text in (LONG, "x" * 20_000, NUL, HALF):
        for route, body in requests(run, text):
            answer = post(started.address, route, body)
            assert not SQL.search(answer.text), (kind, route, answer)
            assert answer.status in {200, 400, 404}, (kind, route, text[:9], answer)
            refused[route, text[:3]] = answer.text
    if kind == "postgres":
        assert f"{SAID}name holds the character NUL (U+0000)." in refused["runs/create", NUL[:3]]
    if kind != "sqlite":
        assert f"{SAID}name has 300 characters, and at most 256 fit." in refused["experiments/create", "nnn"]


@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        ("runs/log-metric", {"key": "m", "value": 1, "timestamp": 2**64}, "timestamp"),
        ("runs/log-metric", {"key": "m", "value": 1, "timestamp": 1, "step": 2**64}, "step"),
        ("runs/log-batch", {"metrics": [{"key": "m", "value": 1, "timestamp": 2**64, "step": 0}]}, "timestamp"),
        ("runs/update", {"end_time": 2**64}, "end_time"),
        ("runs/create", {"experiment_id": "0", "start_time": 2**64}, "start_time"),
    ],
)
def test_a_number_that_is_too_large_is_not_stored_as_nothing(
    server: tuple[str, Running], route: str, body: dict[str, Any], field: str
) -> None:
    _, started = server
    answer = post(started.address, route, {"run_id": _run(started), **body} if route != "runs/create" else body)
    assert answer.status == 400, answer
    assert re.search(rf"{field}|{2**64}", answer.text), answer


def _run(started: Running) -> str:
    made = post(started.address, "runs/create", {"experiment_id": "0"})
    return str(json.loads(made.text)["run"]["info"]["run_id"])


def test_more_clients_than_connections_lose_no_batch(server: tuple[str, Running]) -> None:
    _, started = server

    assert {answer.status for answer in log_batches(started.address, clients=40, batches=2)} == {200}
