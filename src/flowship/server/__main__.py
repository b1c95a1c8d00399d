"""The server's process, `python -P -m flowship.server`: everything it is told is in its environment."""

from __future__ import annotations

import gc
import os
import sys
from functools import partial

from flowship.errors import ServerError
from flowship.mlflow_seams import Env
from flowship.server import logs
from flowship.server.run_directory import run_directory
from flowship.server.settings import VARIABLE, ProcessSettings


def main() -> None:
    """Read the settings, prepare what must be there before MLflow is imported, and serve."""
    gc.disable()  # nothing that is imported is garbage; workers collect again
    settings = ProcessSettings.model_validate_json(os.environ.pop(VARIABLE))
    logs.configure(settings.log_format, settings.log_level)
    with run_directory() as directory:
        shared = directory / "metrics"
        queues = directory / "jobs"
        shared.mkdir()
        queues.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(shared)
        os.environ[Env.JOB_QUEUES] = str(queues)
        from flowship.server import jobs, main  # they import what reads the variables above

        try:
            main.run(settings, shared, partial(jobs.run, queues, jobs.environment(settings, os.environ, os.getpid())))
        except ServerError as error:
            sys.exit(f"✗ {error}")


if __name__ == "__main__":
    main()
