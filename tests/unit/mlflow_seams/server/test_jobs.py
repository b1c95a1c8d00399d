"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from tests.unit.in_mlflow import in_mlflow


def signature(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


class TestJobs:
    def test_each_kind_of_job_has_a_queue_in_a_file(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            "import os;"
            "from flowship.mlflow_seams.server import jobs as mlflow_jobs;"
            " from flowship.mlflow_seams.server.app import Env;"
            f"os.environ[Env.JOB_QUEUES] = {str(tmp_path)!r};"
            "names = mlflow_jobs.job_names(); jobs = mlflow_jobs._jobs();"
            "jobs._get_or_init_huey_instance(names[0]);"
            "print(len(names), mlflow_jobs.job_queues_are_files(), mlflow_jobs.job_queue_file(names[0]));"
            "print(jobs._load_function(jobs.get_job_fn_fullname(names[0]))._job_fn_metadata.max_workers > 0);"
            "print(jobs.PERIODIC_TASKS_WORKER_COUNT, jobs._should_flush_periodic_locks(),"
            "callable(jobs.register_periodic_tasks), jobs.HUEY_PERIODIC_TASKS_INSTANCE_KEY)"
        )
        count, files, file = printed.splitlines()[-3].split()

        assert int(count) >= 6
        assert files == "True"
        assert (tmp_path / file).exists()
        assert printed.splitlines()[-2:] == ["True", "5 True True periodic_tasks"]

    def test_what_decides_how_jobs_run(self) -> None:
        printed = in_mlflow(
            "import os; from flowship.mlflow_seams.server import jobs as seams;"
            "print(seams.jobs_wanted(), seams.jobs_use_executor(), seams.periodic_jobs_wanted());"
            "os.environ.update(MLFLOW_SERVER_ENABLE_JOB_EXECUTION='false',"
            "MLFLOW_SERVER_JOB_EXECUTION_ENGINE='executor', MLFLOW_SERVER_JOB_ENABLE_PERIODIC_TASKS='false', MLFLOW_SERVER_JOB_HUEY_REDIS_URL='redis://x');"
            "print(seams.jobs_wanted(), seams.jobs_use_executor(), seams.periodic_jobs_wanted(),"
            "seams.job_queues_are_files())"
        )

        assert printed.splitlines()[-2:] == ["True False True", "False True False False"]

    def test_jobs_are_resumed_and_run_by_these_functions(self) -> None:
        printed = in_mlflow(
            "import importlib.util, inspect;"
            "from flowship.mlflow_seams.server import jobs as mlflow_jobs;"
            "print(*inspect.signature(mlflow_jobs._jobs()._enqueue_unfinished_jobs).parameters);"
            "source = importlib.util.find_spec('mlflow.server.jobs._executor_runner').loader.get_data;"
            "from mlflow.server.jobs import _executor_runner as runner;"
            "print('__main__' in inspect.getsource(runner));"
            "from huey.consumer_options import ConsumerConfig;"
            "print(ConsumerConfig(workers=3, flush_locks=True).values['flush_locks'])"
        )

        assert printed.splitlines()[-3:] == ["server_launching_timestamp", "True", "True"]

    def test_an_engine_that_is_none_is_refused_before_the_server_starts(self) -> None:
        printed = in_mlflow(
            "import os; from flowship.mlflow_seams.server import jobs as mlflow_jobs; mlflow_jobs.validate_execution();"
            "os.environ['MLFLOW_SERVER_JOB_EXECUTION_ENGINE'] = 'cron'\n"
            "try:\n    mlflow_jobs.validate_execution()\nexcept ValueError as error:\n    print(error)"
        )

        assert "MLFLOW_SERVER_JOB_EXECUTION_ENGINE" in printed
        assert "cron" in printed
