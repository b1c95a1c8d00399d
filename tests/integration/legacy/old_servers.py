"""A program that runs servers of older MLflow under load while Flowship migrates their database:
`python -m tests.integration.legacy.old_servers VERSION...`, on PostgreSQL and on MariaDB.

It prints, of each kind of request, how many succeeded before the migration, during it and after it. Each version is
installed into `.cache`, as it is on the day; CI does not run this. What it found is in docs/how-to/upgrading.md.
"""

from __future__ import annotations

import itertools
import os
import secrets
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from flowship.database.drivers import MYSQL
from flowship.database.migrating.migrate import migrate
from tests.databases import databases_at
from tests.integration.database.places import url_of
from tests.integration.legacy.environment import VERSION, old_programs, programs
from tests.integration.servers.mariadb import MariadbServer
from tests.integration.servers.postgres import PostgresServer
from tests.integration.servers.process import REPOSITORY, Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

SECONDS = 6.0
"""How long the load lasts before the migration, and after it."""
PLACE = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}
BEFORE, DURING, AFTER = "before", "during", "after"


class OlderMlflow(Server):
    """`mlflow server` of an older version, which makes its tables itself."""

    name = "older-mlflow"
    start_limit = 600

    def __init__(self, version: str, database: URL) -> None:
        super().__init__()
        self._programs = installed(version)
        self._database = database.set(drivername=database.drivername.replace(MYSQL, "mysql+pymysql"))

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def command(self) -> list[str]:
        own = ["--workers", "1", "--artifacts-destination", str(self.directory / "artifacts")]
        return [str(self._programs / "mlflow"), "server", "--host", self.host, "--port", str(self.port), *own]

    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}",
            "MLFLOW_BACKEND_STORE_URI": self._database.render_as_string(hide_password=False),
        }

    def ask(self) -> None:
        requests.get(f"{self.url}/health", timeout=5).raise_for_status()


def installed(version: str) -> Path:
    """The directory of a version's programs; they are installed if they are not there."""
    if version == VERSION:
        return old_programs()
    wanted = [f"mlflow=={version}", "sqlalchemy<2.1", "setuptools<80", "psycopg2-binary", "pymysql", "cryptography"]
    return programs(REPOSITORY / ".cache" / f"mlflow-{version}", wanted)


class Load:
    """Clients that ask an old server everything again and again, one thread for each kind of request."""

    def __init__(self, url: str) -> None:
        self._api = f"{url}/api"
        self._url = url
        self._numbers = itertools.count()
        self._run = self._post("2.0/mlflow/runs/create", experiment_id="0")["run"]["info"]["run_id"]
        self._post("2.0/mlflow/registered-models/create", name="model")
        self._trace = self._start_trace()
        self.phase = BEFORE
        self.outcomes: Counter[tuple[str, str, str]] = Counter()
        self.said: dict[tuple[str, str], str] = {}
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=each) for each in self._kinds().items()]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _kinds(self) -> dict[str, Callable[[], object]]:
        run, post, get = self._run, self._post, self._get
        return {
            "runs/create": lambda: post("2.0/mlflow/runs/create", experiment_id="0"),
            "log-metric": lambda: post(
                "2.0/mlflow/runs/log-metric", run_id=run, key="m", value=1.5, timestamp=1, step=next(self._numbers)
            ),
            "log-batch": lambda: post(
                "2.0/mlflow/runs/log-batch", run_id=run, params=[{"key": f"p{next(self._numbers)}", "value": "1"}]
            ),
            "set-tag": lambda: post("2.0/mlflow/runs/set-tag", run_id=run, key="t", value=str(next(self._numbers))),
            "runs/get": lambda: get("2.0/mlflow/runs/get", run_id=run),
            "runs/search": lambda: post("2.0/mlflow/runs/search", experiment_ids=["0"], max_results=5),
            "experiments/create": lambda: post("2.0/mlflow/experiments/create", name=f"e{next(self._numbers)}"),
            "experiments/search": lambda: post("2.0/mlflow/experiments/search", max_results=5),
            "registered-models/create": lambda: post(
                "2.0/mlflow/registered-models/create", name=f"m{next(self._numbers)}"
            ),
            "model-versions/create": lambda: post("2.0/mlflow/model-versions/create", name="model", source="runs:/x"),
            "registered-models/search": lambda: get("2.0/mlflow/registered-models/search"),
            "logged-models/create": lambda: post("2.0/mlflow/logged-models", experiment_id="0", name="model"),
            "traces/start": self._start_trace,
            "traces/get": lambda: get(f"3.0/mlflow/traces/{self._trace}"),
            "traces/search": lambda: post("3.0/mlflow/traces/search", locations=[PLACE], max_results=5),
            "OTLP": self._send_spans,
            "traces/get with spans": lambda: get("3.0/mlflow/traces/get", trace_id=self._trace, allow_partial="true"),
        }

    def _repeat(self, kind: str, ask: Callable[[], object]) -> None:
        while not self._over.is_set():
            began = self.phase
            try:
                ask()
                outcome = "ok"
            except requests.RequestException as error:
                answer = error.response
                outcome = "no answer" if answer is None else str(answer.status_code)
                with suppress(AttributeError):
                    self.said[kind, began] = answer.text[:300] if answer is not None else str(error)
            phase = began if began == self.phase else DURING
            self.outcomes[kind, phase, outcome] += 1
            time.sleep(0.2)

    def _post(self, path: str, **asked: Any) -> Any:
        answer = requests.post(f"{self._api}/{path}", json=asked, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def _get(self, path: str, **asked: str) -> Any:
        answer = requests.get(f"{self._api}/{path}", params=asked, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def _start_trace(self) -> str:
        name = f"tr-{secrets.token_hex(16)}"
        about = {"trace_id": name, "trace_location": PLACE, "request_time": "2026-11-30T12:00:00Z", "state": "OK"}
        more = {"execution_duration": "0.5s", "tags": {"mlflow.traceName": "t"}}
        self._post("3.0/mlflow/traces", trace={"trace_info": {**about, **more}})
        return name

    def _send_spans(self) -> None:
        request = ExportTraceServiceRequest()
        span = request.resource_spans.add().scope_spans.add().spans.add()
        span.trace_id, span.span_id = secrets.token_bytes(16), secrets.token_bytes(8)
        span.name, span.start_time_unix_nano, span.end_time_unix_nano = "s", 10**18, 10**18 + 10**9
        headers = {"Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": "0"}
        answer = requests.post(f"{self._url}/v1/traces", data=request.SerializeToString(), headers=headers, timeout=120)
        answer.raise_for_status()


def observe(version: str, database: URL) -> None:
    """Run one version on one database, and print what its clients were answered."""
    with OlderMlflow(version, database) as server, Load(server.url) as load:
        time.sleep(SECONDS)
        load.phase = DURING
        began = time.monotonic()
        migrate(databases_at(database), upgrade=True, report=lambda sentence: None)
        took = time.monotonic() - began
        load.phase = AFTER
        time.sleep(SECONDS)
    print(f"== MLflow {version} on {database.get_backend_name()}, migrated in {took:.1f} s")  # noqa: T201 - a program
    for kind in dict.fromkeys(kind for kind, *_ in load.outcomes):
        counts = [
            " ".join(f"{n} {outcome}" for (of, at, outcome), n in load.outcomes.items() if (of, at) == (kind, phase))
            for phase in (BEFORE, DURING, AFTER)
        ]
        print(f"{kind:26} {' | '.join(f'{count:22}' for count in counts)}".rstrip())  # noqa: T201
    for (kind, phase), said in load.said.items():
        print(f"{kind}, {phase}: {said}")  # noqa: T201


def main(*versions: str) -> None:
    with PostgresServer() as postgres, MariadbServer() as mariadb:
        for version in versions:
            observe(version, url_of(postgres.fresh_database(), "postgresql+psycopg2"))
            observe(version, url_of(mariadb.fresh_database(), MYSQL))


if __name__ == "__main__":
    main(*sys.argv[1:])
