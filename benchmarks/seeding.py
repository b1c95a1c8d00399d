"""What the databases hold before anything is measured: two experiments, their runs, and the users' permissions."""

from __future__ import annotations

import asyncio
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from benchmarks.calls import API, SEARCHED, Subject
from benchmarks.databases import Databases
from benchmarks.errors import BenchmarkError
from benchmarks.http1 import Connection, request
from benchmarks.sides import Flowship, Setup, running
from benchmarks.users import ADMIN, PLAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.plan import Plan
    from benchmarks.users import User
    from tests.integration.servers.postgres import PostgresServer

STARTED = 1_700_000_000_000
"""When the first run began, in milliseconds since 1970."""
GRANT = "/api/3.0/mlflow/users/permissions/grant"


def seeded(postgres: PostgresServer, plan: Plan, data: Path) -> tuple[Databases, Subject]:
    """Databases with this MLflow's schema and content, in use by nobody, and what is in them."""
    databases = Databases(postgres.fresh_database(), postgres.fresh_database())
    with running(Flowship, Setup(plan, databases, data, "basic")) as server:
        subject = asyncio.run(fill(server.port, plan))
        asyncio.run(add_users(server.port, [PLAIN], subject))
    return databases, subject


async def fill(port: int, plan: Plan) -> Subject:
    """Make the experiments and their runs, as the admin where there are users."""
    client = await Connection.open(port)
    try:
        searched = await _experiment(client, SEARCHED)
        written = await _experiment(client, "written")
        runs = [await _run(client, searched, number) for number in range(plan.seeded_runs)]
        targets = [await _run(client, written, number) for number in range(plan.connections)]
        curve = await _run(client, written, plan.connections)
        values = [
            {"key": "curve", "value": step / 7, "timestamp": STARTED + step, "step": step}
            for step in range(plan.history)
        ]
        await _post(client, f"{API}/runs/log-batch", {"run_id": curve, "metrics": values})
    finally:
        client.close()
    return Subject(searched, tuple(runs), tuple(targets), written, curve)


async def add_users(port: int, users: Sequence[User], subject: Subject) -> None:
    """Make users who may edit the experiments, through a server with users that runs."""
    client = await Connection.open(port)
    try:
        for user in users:
            await _add_user(client, user, subject)
    finally:
        client.close()


async def _add_user(client: Connection, user: User, subject: Subject) -> None:
    await _post(client, f"{API}/users/create", {"username": user.name, "password": user.password})
    for experiment in (subject.experiment, subject.written_experiment):
        grant = {"username": user.name, "resource_type": "experiment", "resource_id": experiment}
        await _post(client, GRANT, {**grant, "permission": "EDIT"})


async def _experiment(client: Connection, name: str) -> str:
    answer = await _post(client, f"{API}/experiments/create", {"name": name})
    return str(answer["experiment_id"])


async def _run(client: Connection, experiment: str, number: int) -> str:
    """A run as a training script leaves it: ten parameters, ten metrics, three tags."""
    started = STARTED + number
    created = await _post(client, f"{API}/runs/create", {"experiment_id": experiment, "start_time": started})
    run = str(created["run"]["info"]["run_id"])
    content = {
        "run_id": run,
        "params": [{"key": f"parameter-{each}", "value": str(number * each)} for each in range(10)],
        "metrics": [
            {"key": f"metric-{each}", "value": each / 7, "timestamp": started, "step": 0} for each in range(10)
        ],
        "tags": [{"key": f"tag-{each}", "value": f"value {number}"} for each in range(3)],
    }
    await _post(client, f"{API}/runs/log-batch", content)
    return run


async def _post(client: Connection, path: str, content: Mapping[str, Any]) -> Any:
    answer = await client.exchange(request("POST", path, content, ADMIN))
    if answer.status != HTTPStatus.OK:
        raise BenchmarkError(f"{path} was answered {answer.status}: {answer.body[:300]!r}")
    return json.loads(answer.body)
