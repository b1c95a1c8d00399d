"""MLflow's jobs: their names, their queues, and what runs them."""

from __future__ import annotations

import importlib
import runpy
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.installation import quiet

if TYPE_CHECKING:
    pass


def jobs_wanted() -> bool:
    """Tell whether this server runs jobs."""
    from mlflow.environment_variables import MLFLOW_SERVER_ENABLE_JOB_EXECUTION

    return bool(MLFLOW_SERVER_ENABLE_JOB_EXECUTION.get())


def validate_execution() -> None:
    """Refuse settings of the jobs' engine and executors as `mlflow server` does before it starts, such as a sandbox for
    scorers that would not be used. Raises ValueError with what is wrong."""
    from mlflow.exceptions import MlflowException

    try:
        importlib.import_module("mlflow.server.jobs.executor_registry").validate_executor_config()
        _jobs().get_job_execution_engine()
    except MlflowException as error:
        raise ValueError(error.message) from error


def job_names() -> list[str]:
    """Give the names of the jobs, each of which has a queue."""
    return list(_jobs()._job_name_to_fn_fullname_map)


def job_queue_file(name: str) -> str:
    """Give the file that a worker makes when it puts the first job into a queue."""
    return f"{name}.mlflow-huey-store"


def job_queues_are_files() -> bool:
    """Tell whether queues are files of this machine; else they are in Redis."""
    return _jobs()._get_huey_redis_url() is None


def jobs_use_executor() -> bool:
    """Tell whether `MLFLOW_SERVER_JOB_EXECUTION_ENGINE` chose MLflow's newer engine, which has one process for all."""
    return bool(_jobs().get_job_execution_engine() == "executor")


def periodic_jobs_wanted() -> bool:
    """Tell whether this server starts jobs by the clock."""
    from mlflow.environment_variables import MLFLOW_SERVER_JOB_ENABLE_PERIODIC_TASKS

    return bool(MLFLOW_SERVER_JOB_ENABLE_PERIODIC_TASKS.get())


def consume_jobs(name: str) -> None:
    """Run the jobs of one queue, each in a process of its own, until a signal ends it."""
    jobs = _jobs()
    function = jobs._load_function(jobs.get_job_fn_fullname(name))
    _consume(jobs._get_or_init_huey_instance(name).instance, function._job_fn_metadata.max_workers)


def consume_periodic_jobs() -> None:
    """Start jobs by the clock, until a signal ends it."""
    jobs = _jobs()
    queue = jobs._get_or_init_huey_instance(jobs.HUEY_PERIODIC_TASKS_INSTANCE_KEY).instance
    jobs.register_periodic_tasks(queue)
    _consume(queue, jobs.PERIODIC_TASKS_WORKER_COUNT, flush_locks=jobs._should_flush_periodic_locks())


def run_job_executor() -> None:
    """Run MLflow's newer engine for jobs, until a signal ends it."""
    runpy.run_module("mlflow.server.jobs._executor_runner", run_name="__main__")


def resume_jobs(started: int) -> None:
    """Put the jobs back into their queues that were unfinished at `started`, in milliseconds since 1970."""
    _jobs()._enqueue_unfinished_jobs(started)


def _jobs() -> Any:
    with quiet():
        return importlib.import_module("mlflow.server.jobs.utils")


def _consume(queue: Any, workers: int, *, flush_locks: bool = False) -> None:
    from huey.consumer_options import ConsumerConfig

    options = ConsumerConfig(workers=workers, flush_locks=flush_locks)
    options.validate()
    queue.create_consumer(**options.values).run()
