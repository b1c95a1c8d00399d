"""Serving in this process, with what must be there before MLflow is imported: variables, log, shared directories.

MLflow is imported once, by whoever needs it first: on an empty database, that is what makes the tables in it.
"""

from __future__ import annotations

import gc
import os
import re
import warnings
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from flowship.mlflow_seams.server.app import Env, default_allowed_hosts
from flowship.server.environment import change_environment
from flowship.server.plan.options import NOT_OURS
from flowship.server.prepare.run_directory import run_directory
from flowship.server.reporting import audit, logs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from flowship.server.plan.settings import ProcessSettings


READ_LATE = re.compile(r"(MLFLOW|AWS|AZURE|GOOGLE|PG|MYSQL|OTEL)\w*|\w+_PROXY", re.IGNORECASE)
"""Variables that nothing has read yet when the values are known."""


def takes_a_new_process(variables: Iterable[str]) -> bool:
    """Tell whether Python or a library may read some of these as it starts: PYTHONPATH, TZ, LD_PRELOAD."""
    return not all(READ_LATE.fullmatch(name) for name in variables)


def enter(environment: Mapping[str, str | None], directory: Path) -> None:
    """Make this process what a new one would be with these variables, None for one to remove, in this directory."""
    os.chdir(directory)
    change_environment(environment)
    warnings.filterwarnings("ignore", NOT_OURS)


class ThisProcess:
    """Serves in this process, which is ready for MLflow to be imported."""

    def __init__(self, settings: ProcessSettings, metrics: Path, queues: Path) -> None:
        self._settings = settings
        self._metrics = metrics
        self._queues = queues

    def serve(self, found: Mapping[str, str | None]) -> None:
        """Serve, with the variables that were found out meanwhile, until a signal ends this process.

        Raises:
            ServerError: MLflow cannot be loaded with these settings.
            SystemExit: at the end.
        """
        change_environment(found)
        from flowship.server.processes import jobs, main  # they import what reads variables

        variables = jobs.environment(self._settings, os.environ, os.getpid())
        main.run(self._settings, self._metrics, partial(jobs.run, self._queues, variables))


@contextmanager
def ready_for_mlflow(settings: ProcessSettings) -> Iterator[ThisProcess]:
    """Put in place what must be there before MLflow is imported, be it to prepare or to serve."""
    gc.disable()  # nothing that is imported is garbage; workers collect again
    logs.configure(settings.log_format, settings.log_level)
    audit.configure(wanted=settings.audit_log)
    with run_directory() as directory:
        metrics, queues = directory / "metrics", directory / "jobs"
        metrics.mkdir()
        queues.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        os.environ[Env.JOB_QUEUES] = str(queues)
        if hosts := os.environ.get(Env.ALLOWED_HOSTS):
            os.environ[Env.ALLOWED_HOSTS] = ",".join([*default_allowed_hosts(), hosts])
        yield ThisProcess(settings, metrics, queues)
