"""MLflow's jobs run, and cost next to nothing while there are none."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from flowship.server.processes.jobs import LOOK
from tests.calm import calm
from tests.integration.flowship import Running, command_line
from tests.integration.flowship import running_program as running
from tests.integration.flowship import serving_program as serving
from tests.integration.server.asking import ask, eventually
from tests.integration.servers.process import children, family

if TYPE_CHECKING:
    from pathlib import Path

JOBS = "/ajax-api/3.0/jobs"
MODULE = """
import os, time
from pathlib import Path
from mlflow.server.jobs import job

@job(name="double", max_workers=1)
def double(number):
    return {"double": 2 * number, "tracking": os.environ["MLFLOW_TRACKING_URI"]}

@job(name="until_told", max_workers=1)
def until_told(began, told):
    with Path(began).open("a") as file:
        file.write("began\\n")
    while not Path(told).exists():
        time.sleep(0.05)
    return "told"
"""


@pytest.fixture
def values(tmp_path: Path) -> dict[str, Any]:
    """Values of a server that knows two jobs of the tests."""
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "errands.py").write_text(MODULE)
    return {
        "extraEnvVars": {
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true",
            "PYTHONPATH": str(modules),
            "_MLFLOW_SUPPORTED_JOB_FUNCTION_LIST": "errands.double,errands.until_told",
            "_MLFLOW_ALLOWED_JOB_NAME_LIST": "double,until_told",
        },
        "server": {"drainDelaySeconds": 0},
    }


def submit(server: Running, name: str, **params: Any) -> str:
    answer = ask(server.address, f"{JOBS}/", method="POST", body={"job_name": name, "params": params})
    assert answer.status == 200, answer.text
    return str(json.loads(answer.text)["job_id"])


def job(server: Running, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ask(server.address, f"{JOBS}/{identifier}").text)
    return found


def succeeded(server: Running, identifier: str) -> bool:
    found = job(server, identifier)
    assert found["status"] not in {"FAILED", "TIMEOUT", "CANCELED"}, found
    return bool(found["status"] == "SUCCEEDED")


def is_settled(server: Running) -> bool:
    """Whether no process comes or goes any more, such as the one that looks for unfinished jobs."""
    before = family(server.main_pid)
    time.sleep(2 * LOOK)
    return family(server.main_pid) == before


def test_a_job_runs_and_reaches_the_server(values: dict[str, Any], tmp_path: Path) -> None:
    with running(values, data=tmp_path / "data") as server:
        identifier = submit(server, "double", number=21)
        eventually(lambda: succeeded(server, identifier))

        assert job(server, identifier)["result"] == {"double": 42, "tracking": server.address}


def test_before_the_first_job_there_are_two_small_processes(values: dict[str, Any], tmp_path: Path) -> None:
    with running(values, data=tmp_path / "data") as server:
        # the worker and the small process that waits, whose only child starts jobs by the clock
        eventually(lambda: len(family(server.main_pid)) == 4 and is_settled(server))
        at_rest = set(family(server.main_pid))
        beside = [pid for pid in children(server.main_pid) if children(pid)]
        identifier = submit(server, "double", number=1)
        eventually(lambda: succeeded(server, identifier))
        eventually(lambda: len(family(server.main_pid)) == 5)
        (consumer,) = set(family(server.main_pid)) - at_rest

        assert len(beside) == 1
        assert consumer in children(beside[0])
        assert server.stop() == 0
        assert server.pids() == []


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_a_job_that_was_running_is_resumed_after_a_restart(
    signum: signal.Signals, values: dict[str, Any], tmp_path: Path
) -> None:
    began, told = tmp_path / "began", tmp_path / "told"
    with serving(values, data=tmp_path / "data") as server:
        identifier = submit(server, "until_told", began=str(began), told=str(told))
        eventually(began.exists)
        job_processes = [pid for pid in family(server.main_pid) if b"_job_subproc_entry" in command_line(pid)]
        os.kill(server.main_pid, signum)
        killed = calm()
        eventually(lambda: not server.pids())
        left = calm() - killed
    with serving(values, data=tmp_path / "data") as server:
        eventually(lambda: began.read_text().count("began") == 2)
        told.touch()
        eventually(lambda: succeeded(server, identifier))

        assert len(job_processes) == 1
        assert left < 10
        assert job(server, identifier)["result"] == "told"
