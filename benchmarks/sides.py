"""The two sides: upstream's `mlflow server`, and `flowship serve`, for the same database, workers and users.

Upstream is started as its documentation says, from its options, environment and authentication file; Flowship from a
values file that says the same. A server here is one of the tests' servers, below a `benchmarks.subreaper`.
"""

from __future__ import annotations

import http.client
import os
import signal
import sys
import time
from abc import abstractmethod
from configparser import ConfigParser
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import URL

from benchmarks.errors import BenchmarkError
from benchmarks.processes import Tree
from benchmarks.users import ADMIN
from tests.integration.flowship import PROGRAM, write_values
from tests.integration.servers.process import Server, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.databases import Databases
    from benchmarks.plan import Plan
    from tests.integration.servers.database import Database

Access = Literal["open", "basic", "directory"]
"""Who may use a server: everybody, users whom MLflow keeps, or users whom a directory keeps (Flowship only)."""

FIRST_QUESTION = "/api/2.0/mlflow/experiments/get?experiment_id=0"
"""Its answer comes from the database, so a server that gives it works; with users, it asks for a password."""
NO_JOBS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
SUBREAPER = Path(__file__).with_name("subreaper.py")


@dataclass(frozen=True)
class Setup:
    """What both sides are given."""

    plan: Plan
    databases: Databases
    data: Path
    """The directory of artifacts, which all runs share, since the databases name it."""
    access: Access = "open"
    ldap: Mapping[str, Any] = field(default_factory=dict)
    """Flowship's `ldapAuth`, with a directory."""


class MlflowServer(Server):
    """A running side. Used in a `with` statement, it answers at its beginning and has ended after it."""

    start_limit: ClassVar[float] = 240
    label: ClassVar[str]
    ready_path: ClassVar[str]
    """What a load balancer asks to learn whether to send requests."""

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.setup = setup
        self.first_answer = 0.0
        """Seconds from its start to its first answer."""

    @abstractmethod
    def program(self) -> list[str]:
        """The command that users type."""

    @property
    def tree(self) -> Tree:
        return Tree(self.pid)

    def command(self) -> list[str]:
        # Without site-packages this Python starts in a few milliseconds, which are the same for both sides.
        return [sys.executable, "-S", str(SUBREAPER), *self.program()]

    def start(self) -> None:
        began = time.monotonic()
        super().start()
        self.first_answer = time.monotonic() - began

    def ask(self) -> None:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.start_limit)
        try:
            connection.request("GET", FIRST_QUESTION)
            status = connection.getresponse().status
        finally:
            connection.close()
        expected = HTTPStatus.OK if self.setup.access == "open" else HTTPStatus.UNAUTHORIZED
        if status != expected:
            raise BenchmarkError(f"{self.label} answered {status}, not {expected}")

    def terminate(self) -> None:
        """Ask it to end, as Kubernetes does, and return at once."""
        os.kill(self.pid, signal.SIGTERM)

    @property
    def exit_status(self) -> int | None:
        """That of the program, once it and all that it started have ended."""
        return None if self._process is None else self._process.poll()

    def private_directory(self, name: str) -> Path:
        directory = self.directory / name
        directory.mkdir(mode=0o700, exist_ok=True)
        return directory


class Upstream(MlflowServer):
    """`mlflow server`, as MLflow's documentation starts it for a team."""

    name = "upstream"
    label = "MLflow"
    ready_path = "/health"

    def program(self) -> list[str]:
        artifacts = self.setup.data / "artifacts"
        users = ["--app-name", "basic-auth"] if self.setup.access == "basic" else []
        return [
            *(sys.executable, "-P", "-m", "mlflow", "server", "--host", self.host, "--port", str(self.port)),
            *("--workers", str(self.setup.plan.workers), "--artifacts-destination", str(artifacts), *users),
        ]

    def environment(self) -> Mapping[str, str]:
        uri = _uri(self.setup.databases.tracking)
        environment = {
            "MLFLOW_BACKEND_STORE_URI": uri,
            "MLFLOW_FLASK_SERVER_SECRET_KEY": "0" * 32,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "DO_NOT_TRACK": "true",
            "PYTHONWARNINGS": "ignore",
        }
        if not self.setup.plan.jobs:
            environment |= NO_JOBS
        if self.setup.access == "basic":
            environment["MLFLOW_AUTH_CONFIG_PATH"] = str(self._authentication_file())
        return environment

    def _authentication_file(self) -> Path:
        """MLflow's own settings, with its defaults for all that must not differ from Flowship's."""
        settings = {
            "default_permission": "READ",
            "database_uri": _uri(self.setup.databases.users),
            "admin_username": ADMIN.name,
            "admin_password": ADMIN.password,
            "authorization_function": "mlflow.server.auth:authenticate_request_basic_auth",
        }
        parser = ConfigParser()
        parser["mlflow"] = {name: value.replace("%", "%%") for name, value in settings.items()}
        file = self.private_directory("auth") / "basic_auth.ini"
        file.touch(mode=0o600)
        with file.open("w") as text:
            parser.write(text)
        return file


class Flowship(MlflowServer):
    """`flowship serve`, as a pod runs it, from a values file."""

    name = "flowship"
    label = "Flowship"
    ready_path = "/ready"
    stop_signal = signal.SIGINT  # as Ctrl-C, it does not wait for load balancers to follow, which runs need not

    def program(self) -> list[str]:
        file = write_values(self.directory / "values.yaml", self.values())
        ports = ("--port", str(self.port), "--inner-port", str(free_port()))
        return [str(PROGRAM), "serve", "-f", str(file), "--data", str(self.setup.data), "--host", self.host, *ports]

    def values(self) -> dict[str, Any]:
        plan, databases = self.setup.plan, self.setup.databases
        values: dict[str, Any] = {
            "backendStore": {"postgres": databases.tracking.section()},
            "artifactRoot": {"proxiedArtifactStorage": True},
            "extraArgs": {"workers": plan.workers},
            "extraEnvVars": {} if plan.jobs else NO_JOBS,
            "flaskServerSecretKey": "0" * 32,
            "server": {"drainDelaySeconds": plan.drain_delay},
        }
        if self.setup.access == "basic":
            values["auth"] = {
                "enabled": True,
                "adminUsername": ADMIN.name,
                "adminPassword": ADMIN.password,
                "configPath": str(self.private_directory("auth")),
                "postgres": databases.users.section(),
            }
        if self.setup.access == "directory":
            values["auth"] = {"postgres": databases.users.section()}
            values["ldapAuth"] = {"enabled": True, **self.setup.ldap}
        return values


SIDES: tuple[type[MlflowServer], ...] = (Upstream, Flowship)


@contextmanager
def running(side: type[MlflowServer], setup: Setup) -> Iterator[MlflowServer]:
    """One side, from its first answer to its end."""
    with side(setup) as server:
        yield server


def _uri(database: Database) -> str:
    return URL.create(
        "postgresql+psycopg2",
        username=database.user,
        password=database.password,
        host=database.host,
        port=database.port,
        database=database.name,
    ).render_as_string(hide_password=False)
