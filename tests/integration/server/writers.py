"""Clients that log batches at once, without retries: every answer that is not 200 is a batch that a job has lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.integration.server.asking import ask, connect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.integration.server.asking import Answer

API = "/api/2.0/mlflow"
LIMIT = 120.0
"""Seconds for one answer, as MLflow's client waits."""


def post(address: str, route: str, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request of MLflow's API."""
    with closing(connect(address, LIMIT)) as connection:
        return ask(connection, f"{API}/{route}", method="POST", body=body, headers=headers)


def log_batches(address: str, clients: int, batches: int, headers: Mapping[str, str] | None = None) -> list[Answer]:
    """Log batches by so many clients at once, each to a run of its own; gives all answers."""
    numbers = count()

    def client(_: int) -> list[Answer]:
        made = post(address, "runs/create", {"experiment_id": "0"}, headers)
        run = json.loads(made.text)["run"]["info"]["run_id"]
        with closing(connect(address, LIMIT)) as connection:
            return [
                ask(
                    connection, f"{API}/runs/log-batch", method="POST", body=_batch(run, next(numbers)), headers=headers
                )
                for _ in range(batches)
            ]

    with ThreadPoolExecutor(clients) as pool:
        return [answer for answers in pool.map(client, range(clients)) for answer in answers]


def _batch(run: str, number: int) -> dict[str, Any]:
    metrics = [{"key": f"m{key}", "value": number, "timestamp": number, "step": number} for key in range(20)]
    return {
        "run_id": run,
        "metrics": metrics,
        "params": [{"key": f"p{number}", "value": "1"}],
        "tags": [{"key": f"t{number}", "value": "1"}],
    }
