"""MLflow's jobs, such as scoring traces and optimising prompts, without a process for each kind while none runs.

`mlflow server` starts a runner and a process for each kind of job, all of which import everything again. Here a small
process waits for the first job of each kind, and forks what runs them from the app that is imported already. Each job
itself runs in a new interpreter, as MLflow wants it.
"""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

from flowship.mlflow_seams.server import jobs as mlflow_jobs
from flowship.mlflow_seams.server.app import Env
from flowship.server.plan.addresses import reachable
from flowship.server.processes.companion import Companion

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import FrameType
    from typing import NoReturn

    from flowship.server.plan.settings import ProcessSettings

LOOK = 0.5
"""Seconds between looks for the first job of a kind."""


def environment(settings: ProcessSettings, environ: Mapping[str, str], parent: int) -> dict[str, str]:
    """Give the variables that jobs need to reach this server and its database, as `mlflow server` gives it to them."""
    scheme = "https" if settings.certificate else "http"
    address = f"{scheme}://{reachable(settings.host)}:{settings.port}{settings.static_prefix}"
    return {
        "MLFLOW_BACKEND_STORE_URI": environ[Env.TRACKING],
        "MLFLOW_DEFAULT_ARTIFACT_ROOT": environ[Env.ARTIFACT_ROOT],
        "MLFLOW_TRACKING_URI": address,
        "MLFLOW_GATEWAY_URI": environ.get("MLFLOW_GATEWAY_URI", address),
        Env.SERVER_PID: str(parent),
        Env.UP_SINCE: str(int(time.time() * 1000)),
    }


def run(queues: Path, variables: dict[str, str]) -> None:
    """Run jobs until a signal ends this process and those that it forked."""
    os.environ.update(variables)
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # a job's metrics are not the server's
    if mlflow_jobs.jobs_use_executor():
        return mlflow_jobs.run_job_executor()
    waiting = {
        name: Companion(f"jobs {name}", partial(mlflow_jobs.consume_jobs, name)) for name in mlflow_jobs.job_names()
    }
    kept = [Companion("unfinished jobs", partial(mlflow_jobs.resume_jobs, int(variables[Env.UP_SINCE])), once=True)]
    if mlflow_jobs.periodic_jobs_wanted():
        kept.append(Companion("periodic jobs", mlflow_jobs.consume_periodic_jobs))

    def end(signum: int, frame: FrameType | None) -> NoReturn:
        for companion in kept:
            companion.end()
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    in_files = mlflow_jobs.job_queues_are_files()
    while True:
        for name in list(waiting):
            if not in_files or (queues / mlflow_jobs.job_queue_file(name)).exists():
                kept.append(waiting.pop(name))
        for companion in kept:
            companion.keep()
        time.sleep(LOOK)
