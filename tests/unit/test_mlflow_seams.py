"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from flowship import mlflow_seams
from flowship.database.revision import Part
from tests.unit.in_mlflow import in_mlflow


def signature(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


class TestSchemas:
    def test_mlflow_makes_and_upgrades_the_tracking_tables_by_these_functions(self) -> None:
        from mlflow.store.db import utils

        assert signature(utils._initialize_tables) == ["engine"]
        assert signature(utils._upgrade_db) == ["engine"]

    @pytest.mark.parametrize("part", Part)
    def test_the_revisions_read_as_text_are_those_that_alembic_finds(self, part: Part) -> None:
        from alembic.script import ScriptDirectory

        scripts = ScriptDirectory(str(part.migrations))

        assert {script.revision: script.down_revision for script in scripts.walk_revisions()} == (
            mlflow_seams.revisions(part.migrations)
        )
        assert scripts.get_heads() == [part.head]

    def test_mlflow_asks_for_the_same_last_revision(self) -> None:
        from mlflow.store.db import utils

        assert utils._get_latest_schema_revision() == Part.TRACKING.head

    def test_the_first_tracking_tables_are_these(self) -> None:
        from mlflow.store.tracking.dbmodels.initial_models import Base

        assert set(Base.metadata.tables) == mlflow_seams.FIRST_TRACKING_TABLES

    def test_finding_the_revisions_does_not_import_mlflow(self) -> None:
        program = (
            "import sys; from flowship.database.revision import Part; print(Part.TRACKING.head, Part.AUTH.head);"
            "assert not {'mlflow', 'alembic', 'sqlalchemy.orm'} & set(sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

        assert (done.returncode, done.stderr) == (0, "")


class TestAuthSchema:
    def test_mlflow_migrates_the_auth_tables_by_this_function(self) -> None:
        printed = in_mlflow(
            "import inspect; from mlflow.server.auth.db import utils, models;"
            "print(list(inspect.signature(utils.migrate).parameters), utils.INITIAL_REVISION, sep='\\n');"
            "print(*sorted(models.Base.metadata.tables))"
        )
        parameters, first, tables = printed.splitlines()

        assert parameters == "['engine', 'revision']"
        assert first == mlflow_seams.FIRST_AUTH_REVISION
        assert set(tables.split()) <= mlflow_seams.AUTH_TABLES

    def test_the_auth_tables_are_those_that_the_scripts_make(self) -> None:
        import re

        made: set[str] = set()
        for script in (mlflow_seams.auth_migrations() / "versions").glob("*.py"):
            made |= set(re.findall(r"op\.create_table\(\s*\"(\w+)\"", script.read_text()))

        assert made == mlflow_seams.AUTH_TABLES

    def test_the_auth_scripts_use_this_version_table(self) -> None:
        environment = (mlflow_seams.auth_migrations() / "env.py").read_text()

        assert environment.count(f'version_table="{mlflow_seams.AUTH_VERSION_TABLE}"') == 2

    def test_permissions_become_roles_by_these_functions(self) -> None:
        printed = in_mlflow(
            "import importlib, inspect; from flowship import mlflow_seams;"
            "script = importlib.import_module(mlflow_seams._PERMISSIONS_TO_ROLES_SCRIPT);"
            "print(script.revision, script._DROPPED_PERMISSION);"
            "print(*inspect.signature(script._get_or_create_synthetic_role).parameters);"
            "print(*inspect.signature(script._insert_role_permission_if_missing).parameters)"
        )

        assert printed.splitlines() == [
            f"{mlflow_seams.PERMISSIONS_TO_ROLES} NO_PERMISSIONS",
            "conn user_id workspace",
            "conn role_id resource_type resource_pattern permission",
        ]


class TestUsersAndHosts:
    def test_users_are_kept_by_this_store(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            "from sqlalchemy import create_engine; from flowship import mlflow_seams;"
            "from flowship.database.url import sqlite_url; from pathlib import Path;"
            f"url = sqlite_url(Path({str(tmp_path)!r}) / 'auth.db');"
            "mlflow_seams.upgrade_auth(create_engine(url));"
            "store = mlflow_seams.auth_store(url).__enter__();"
            "store.create_user('ada', 'a long password', is_admin=True);"
            "store.update_user('ada', password='another password', is_admin=False);"
            "print(store.has_user('ada'), store.has_user('eve'));"
            "print(store.authenticate_user('ada', 'another password'), store.authenticate_user('ada', 'wrong'))"
        )

        assert printed.splitlines() == ["True False", "True False"]

    def test_mlflow_names_the_hosts_that_it_accepts_by_itself(self) -> None:
        printed = in_mlflow("from flowship import mlflow_seams; print(*mlflow_seams.default_allowed_hosts())")

        assert {"localhost", "127.0.0.1", "localhost:*", "10.*", "192.168.*"} <= set(printed.split())


class TestAuthentication:
    def test_mlflow_asks_for_credentials_in_these_words(self) -> None:
        printed = in_mlflow(
            "from flask import Flask; from flowship import mlflow_seams;\n"
            "with Flask('x').app_context():\n"
            "    found = mlflow_seams._auth().make_basic_auth_response()\n"
            "print(found.status_code, found.headers['WWW-Authenticate'], found.get_data(as_text=True), sep='\\n')"
        )

        assert printed.splitlines() == ["401", 'Basic realm="mlflow"', mlflow_seams.UNAUTHENTICATED]

    def test_mlflow_tells_which_paths_are_open(self) -> None:
        printed = in_mlflow(
            "import os; os.environ['_MLFLOW_STATIC_PREFIX'] = '/mlflow'; from flowship import mlflow_seams;"
            "paths = ['/health', '/mlflow/health', '/mlflow/static-files/x.js', '/', '/mlflow/', '/api/2.0/mlflow/x'];"
            "print(*[mlflow_seams.is_open_path(path) for path in paths])"
        )

        assert printed.split() == ["True"] * 3 + ["False"] * 3

    def test_mlflow_verifies_passwords_but_the_old_default_one_of_an_admin(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            "from pathlib import Path; from flowship import mlflow_seams; from flowship.database.url import sqlite_url;"
            f"url = sqlite_url(Path({str(tmp_path)!r}) / 'auth.db');"
            "store = mlflow_seams._auth().store; store.init_db(str(url));"
            "store.create_user('ann', 'open sesame!'); store.create_user('root', 'password1234', is_admin=True);"
            "right = mlflow_seams.is_password_of;"
            "print(right('ann', 'open sesame!'), right('ann', 'other'), right('eve', 'x'));"
            "print(right('root', 'password1234'))"
        )

        assert printed.splitlines()[-2:] == ["True False False", "False"]

    def test_the_gateway_takes_credentials_in_this_header_and_with_this_token(self) -> None:
        printed = in_mlflow(
            "import os; from flowship import mlflow_seams; print(mlflow_seams.gateway_token());"
            "os.environ['_MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN'] = 'secret';"
            "print(mlflow_seams.gateway_token(), mlflow_seams.gateway_header());"
            "import inspect; source = inspect.getsource(mlflow_seams._auth()._authenticate_fastapi_request);"
            "print(source.count(f'startswith(\"{mlflow_seams.GATEWAY_PATH}\")'))"
        )

        assert printed.splitlines() == ["None", "secret X-MLflow-Authorization", "2"]


class TestTheServersApp:
    """In processes of their own: what MLflow's server imports depends on the environment."""

    SERVE = (
        "import os, asyncio; from flowship import mlflow_seams; from flowship.mlflow_seams import Env;"
        "os.environ.update({Env.TRACKING: 'sqlite://', Env.SERVER_KIND: 'uvicorn', Env.STATIC_PREFIX: '/team'});"
    )

    def basic_auth(self, directory: Path) -> str:
        """What loads MLflow's app with its users."""
        (directory / "auth.ini").write_text(
            f"[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///{directory}/auth.db\nadmin_username = a\n"
        )
        return (
            f"{self.SERVE} os.environ.update({{'MLFLOW_FLASK_SERVER_SECRET_KEY': 'x', Env.ADMIN_MADE: 'true',"
            f"'MLFLOW_AUTH_CONFIG_PATH': {str(directory / 'auth.ini')!r}}});"
            "app = mlflow_seams.load_app('basic-auth');"
        )

    def test_mlflow_server_tells_its_app_by_these_variables(self) -> None:
        names = {name: value for name, value in vars(mlflow_seams.Env).items() if name.isupper()}
        printed = in_mlflow(
            "from mlflow import environment_variables as variables; from mlflow.server import constants, handlers;"
            "print(constants.BACKEND_STORE_URI_ENV_VAR, constants.READ_REPLICA_BACKEND_STORE_URI_ENV_VAR,"
            "constants.REGISTRY_STORE_URI_ENV_VAR, constants.ARTIFACT_ROOT_ENV_VAR,"
            "constants.ARTIFACTS_DESTINATION_ENV_VAR, constants.SERVE_ARTIFACTS_ENV_VAR,"
            "handlers.STATIC_PREFIX_ENV_VAR, variables.MLFLOW_SERVER_ALLOWED_HOSTS.name,"
            "constants.SECRETS_CACHE_TTL_ENV_VAR, constants.SECRETS_CACHE_MAX_SIZE_ENV_VAR,"
            "variables._MLFLOW_SGI_NAME.name,"
            "variables._MLFLOW_SERVER_BOOT_ID.name, variables._MLFLOW_IN_JOB_EXECUTOR.name,"
            "variables._MLFLOW_AUTH_ADMIN_BOOTSTRAPPED.name, variables._MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN.name,"
            "constants.HUEY_STORAGE_PATH_ENV_VAR, 'MLFLOW_SERVER_PID', constants.MLFLOW_SERVER_UP_TIME)"
        )

        assert printed.split() == list(names.values())

    def test_mlflow_server_says_nothing_else_to_its_app(self) -> None:
        printed = in_mlflow(
            "import inspect, re, mlflow.server as server; source = inspect.getsource(server._run_server);"
            "print(*sorted(set(re.findall(r'env_map\\[([A-Za-z_.]+)\\]', source))))"
        )

        assert printed.split() == [
            "ARTIFACTS_DESTINATION_ENV_VAR",
            "ARTIFACTS_ONLY_ENV_VAR",  # refused
            "ARTIFACT_ROOT_ENV_VAR",
            "BACKEND_STORE_URI_ENV_VAR",
            "HUEY_STORAGE_PATH_ENV_VAR",
            "MLFLOW_FLASK_SERVER_SECRET_KEY.name",
            "PROMETHEUS_EXPORTER_ENV_VAR",  # refused: metrics have a port of their own
            "READ_REPLICA_BACKEND_STORE_URI_ENV_VAR",
            "REGISTRY_STORE_URI_ENV_VAR",
            "SECRETS_CACHE_MAX_SIZE_ENV_VAR",
            "SECRETS_CACHE_TTL_ENV_VAR",
            "SERVE_ARTIFACTS_ENV_VAR",
            "STATIC_PREFIX_ENV_VAR",
            "_MLFLOW_AUTH_ADMIN_BOOTSTRAPPED.name",
            "_MLFLOW_INTERNAL_GATEWAY_AUTH_TOKEN.name",
            "_MLFLOW_IN_JOB_EXECUTOR.name",
            "_MLFLOW_SERVER_BOOT_ID.name",
            "_MLFLOW_SGI_NAME.name",
        ]

    def test_a_server_that_serves_artifacts_roots_experiments_here(self) -> None:
        printed = in_mlflow(
            "from mlflow.utils.server_cli_utils import resolve_default_artifact_root as resolve;"
            "print(resolve(True, None, 'sqlite://'))"
        )

        assert printed == mlflow_seams.PROXIED_ROOT

    def test_the_plain_app_is_for_asgi_and_tells_its_routes(self) -> None:
        printed = in_mlflow(
            f"{self.SERVE} app = mlflow_seams.load_app(None); mlflow_seams.on_flask_route(print);"
            "from tests.unit.server.asgi import ask; scope = dict(scheme='http', http_version='1.1', query_string=b'');"
            "headers = [(b'host', b'localhost')]; server = ('localhost', 80);"
            "print(asyncio.run(ask(app, '/team/version', **{**scope, 'headers': headers, 'server': server})).body)"
        )

        assert printed.splitlines()[-2:] == ["/team/version", repr(version("mlflow").encode())]

    def test_the_app_of_basic_auth_is_found_and_keeps_its_users_in_a_store_that_can_be_wrapped(
        self, tmp_path: Path
    ) -> None:
        printed = in_mlflow(
            f"{self.basic_auth(tmp_path)} mlflow_seams.dispose_auth_engine();"
            "from mlflow.server import auth; print(type(app).__name__, auth.store.engine.pool.checkedin());"
            "mlflow_seams.wrap_auth_store(lambda store: ['wrapped', store]); print(auth.store[0])"
        )

        assert printed.splitlines()[-2:] == ["FastAPI 0", "wrapped"]

    def test_the_store_of_users_is_asked_as_the_cache_expects(self) -> None:
        printed = in_mlflow(
            "import inspect; from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore as store;"
            "print(*[inspect.signature(each) for each in (store.get_user, store.has_user)], sep='\\n');"
            "print(*inspect.signature(store.list_grants).parameters);"
            "print(*[list(inspect.signature(each).parameters)[1] for each in (store.update_user, store.delete_user)])"
        )

        assert printed.splitlines() == [
            "(self, username: str) -> mlflow.server.auth.entities.User",
            "(self, username: str, *, use_primary: bool = False) -> bool",
            "self user_id workspace resource_types",
            "username username",
        ]

    def test_a_run_is_looked_up_for_its_experiment_only(self) -> None:
        printed = in_mlflow(
            "import inspect, re; from flowship import mlflow_seams; auth = mlflow_seams._auth();"
            "source = inspect.getsource(auth._run_requirement);"
            "print(re.findall(r'_fetch_or_none\\(_get_tracking_store\\(\\).(\\w+), run_id', source));"
            "print(sorted(set(re.findall(r'run\\.[\\w.]+', source))));"
            "print(inspect.getsource(auth).count('_fetch_or_none(_get_tracking_store().get_run'));"
            "print(*inspect.signature(auth._fetch_or_none).parameters);"
            "mlflow_seams.wrap_run_lookup(lambda lookup: 'wrapped'); print(auth._fetch_or_none)"
        )

        assert printed.splitlines()[-5:] == [
            "['get_run']",
            "['run.info.experiment_id']",
            "1",
            "fetch resource_id",
            "wrapped",
        ]

    def test_a_run_that_links_to_models_is_told_by_these_names(self) -> None:
        printed = in_mlflow(
            "import inspect, re; from types import SimpleNamespace as Answer; from flowship import mlflow_seams;"
            "from mlflow.protos.service_pb2 import GetRun; from mlflow.utils.proto_json_utils import message_to_json;"
            "auth = mlflow_seams._auth(); source = inspect.getsource(auth._withhold_denied_run_model_links);"
            "print(*sorted(set(re.findall(r'model_\\w+', source)) - {'model_links'}));"
            "auth._redact_run_response = lambda answer, *how: print(answer.name, *how);"
            "mlflow_seams.read_only_runs_with_models();"
            "one, two, three, four, five = (GetRun.Response() for _ in range(5));"
            "one.run.inputs.model_inputs.add(model_id='m'); two.run.outputs.model_outputs.add(model_id='m');"
            "three.run.data.metrics.add(key='k', model_id='m');"
            "four.run.data.metrics.add(key='model_id', value=1); five.run.data.metrics.add(key='k');"
            "told = lambda name, m: auth._redact_run_response(Answer(name=name, get_data=lambda: "
            "message_to_json(m).encode()), 'message', 'runs');"
            "[told(*of) for of in (('input', one), ('output', two), ('metric', three), ('none', four), ('five', five))]"
        )

        assert printed.splitlines()[-5:] == [
            "model_id model_inputs model_outputs",
            "input message runs",
            "output message runs",
            "metric message runs",
            "none message runs",
        ]

    CONCERNS = (
        "concerns = mlflow_seams.middleware_concerns(app);"
        "dispatch = [m.kwargs['dispatch'] for m in app.user_middleware if 'dispatch' in m.kwargs];"
        "here = {f'{d.__module__}.{d.__name__}': d.__name__.split('_')[0] for d in dispatch}; print(*here.values());"
        "scope = lambda method, path: {'type': 'http', 'method': method, 'path': '/team' + path, 'root_path': ''};"
        "told = lambda *of: print(*of, *(here[name] for name in here if concerns[name](scope(*of))));"
        "told('GET', '/api/2.0/mlflow/runs/get'); told('POST', '/gateway/x/mlflow/invocations');"
        "told('GET', '/gateway/nowhere'); told('POST', '/v1/traces'); told('GET', '/v1/traces')"
    )

    def test_mlflows_middleware_functions_hand_on_what_flask_answers(self) -> None:
        printed = in_mlflow(f"{self.SERVE} app = mlflow_seams.load_app(None); {self.CONCERNS}")

        assert printed.splitlines()[-6:] == [
            "gateway workspace",
            "GET /api/2.0/mlflow/runs/get",
            "POST /gateway/x/mlflow/invocations gateway workspace",
            "GET /gateway/nowhere gateway",
            "POST /v1/traces workspace",
            "GET /v1/traces",
        ]

    def test_with_workspaces_the_first_of_them_concerns_every_request(self) -> None:
        printed = in_mlflow(
            f"{self.SERVE} os.environ['MLFLOW_ENABLE_WORKSPACES'] = 'true';"
            f"app = mlflow_seams.load_app(None); {self.CONCERNS}"
        )

        assert printed.splitlines()[-5] == "GET /api/2.0/mlflow/runs/get workspace"

    def test_permissions_concern_what_flask_does_not_ask_for(self, tmp_path: Path) -> None:
        printed = in_mlflow(f"{self.basic_auth(tmp_path)} {self.CONCERNS}")

        assert printed.splitlines()[-6:] == [
            "fastapi gateway workspace",
            "GET /api/2.0/mlflow/runs/get",
            "POST /gateway/x/mlflow/invocations fastapi gateway workspace",
            "GET /gateway/nowhere fastapi gateway",
            "POST /v1/traces fastapi workspace",
            "GET /v1/traces fastapi",
        ]

    def test_an_app_that_is_not_installed_is_named(self) -> None:
        printed = in_mlflow(
            f"{self.SERVE}\ntry:\n    mlflow_seams.load_app('mine')\n"
            "except LookupError as error:\n    print(error.args[0])"
        )

        assert printed.startswith("Failed to find app 'mine'. Available apps: ['basic-auth'")

    def test_the_stores_are_opened_by_these_functions(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            f"{self.SERVE} os.environ.update({{Env.TRACKING: 'sqlite:///{tmp_path}/runs.db', Env.ARTIFACT_ROOT: 's3://b'}});"
            "mlflow_seams.open_stores(); from mlflow.server import handlers;"
            "print(handlers._tracking_store.get_experiment('0').name, handlers._model_registry_store is not None)"
        )

        assert printed.splitlines()[-1] == "Default True"

    def test_what_stores_need_is_shared_before_they_are_opened(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            f"{self.SERVE} import sys; url = 'sqlite:///{tmp_path}/runs.db';"
            "os.environ.update({Env.TRACKING: url, Env.ARTIFACT_ROOT: 's3://b'}); mlflow_seams.load_app(None);"
            "mlflow_seams.share_what_workers_need(url); before = set(sys.modules); mlflow_seams.open_stores();"
            "stores = ('mlflow.store.tracking', 'mlflow.store.model_registry', 'sqlalchemy');"
            "names = [name for name in set(sys.modules) - before if name.startswith(stores)];"
            "from mlflow.store.db import utils; print(names, utils._get_latest_schema_revision())"
        )

        assert printed.splitlines()[-1] == f"[] {Part.TRACKING.head}"

    def test_a_new_database_gets_its_default_experiment(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            "from pathlib import Path; from sqlalchemy import create_engine; from flowship import mlflow_seams;"
            "from flowship.database.url import sqlite_url;"
            f"url = sqlite_url(Path({str(tmp_path)!r}) / 'runs.db'); engine = create_engine(url);"
            "mlflow_seams.initialise_tracking(engine); mlflow_seams.make_default_experiment(url, 's3://bucket');"
            "from sqlalchemy import column, select, table; columns = [column('name'), column('artifact_location')];"
            "print(*engine.connect().execute(select(*columns).select_from(table('experiments'))).one())"
        )

        assert printed.splitlines()[-1] == "Default s3://bucket/0"

    def test_a_file_of_trace_archival_is_read_as_mlflow_server_reads_it(self, tmp_path: Path) -> None:
        (tmp_path / "archive.yaml").write_text("unknown: 1\n")
        printed = in_mlflow(
            "from pathlib import Path; from flowship import mlflow_seams\n"
            f"try:\n    mlflow_seams.validate_trace_archival(Path({str(tmp_path)!r}) / 'archive.yaml')\n"
            "except ValueError as error:\n    print('refused', error)"
        )

        assert printed.startswith("refused ")


class TestJobs:
    def test_each_kind_of_job_has_a_queue_in_a_file(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            "import os; from flowship import mlflow_seams; from flowship.mlflow_seams import Env;"
            f"os.environ[Env.JOB_QUEUES] = {str(tmp_path)!r};"
            "names = mlflow_seams.job_names(); jobs = mlflow_seams._jobs();"
            "jobs._get_or_init_huey_instance(names[0]);"
            "print(len(names), mlflow_seams.job_queues_are_files(), mlflow_seams.job_queue_file(names[0]));"
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
            "import os; from flowship import mlflow_seams as seams;"
            "print(seams.jobs_wanted(), seams.jobs_use_executor(), seams.periodic_jobs_wanted());"
            "os.environ.update(MLFLOW_SERVER_ENABLE_JOB_EXECUTION='false',"
            "MLFLOW_SERVER_JOB_EXECUTION_ENGINE='executor', MLFLOW_SERVER_JOB_ENABLE_PERIODIC_TASKS='false', MLFLOW_SERVER_JOB_HUEY_REDIS_URL='redis://x');"
            "print(seams.jobs_wanted(), seams.jobs_use_executor(), seams.periodic_jobs_wanted(),"
            "seams.job_queues_are_files())"
        )

        assert printed.splitlines()[-2:] == ["True False True", "False True False False"]

    def test_jobs_are_resumed_and_run_by_these_functions(self) -> None:
        printed = in_mlflow(
            "import importlib.util, inspect; from flowship import mlflow_seams;"
            "print(*inspect.signature(mlflow_seams._jobs()._enqueue_unfinished_jobs).parameters);"
            "source = importlib.util.find_spec('mlflow.server.jobs._executor_runner').loader.get_data;"
            "from mlflow.server.jobs import _executor_runner as runner;"
            "print('__main__' in inspect.getsource(runner));"
            "from huey.consumer_options import ConsumerConfig;"
            "print(ConsumerConfig(workers=3, flush_locks=True).values['flush_locks'])"
        )

        assert printed.splitlines()[-3:] == ["server_launching_timestamp", "True", "True"]


def test_an_artifact_repository_lists_writes_reads_and_deletes(tmp_path: Path) -> None:
    file = tmp_path / "dump.gz"
    file.write_bytes(b"dump")
    repository = mlflow_seams.artifact_repository((tmp_path / "store").as_uri())
    repository.log_artifact(str(file), "a")

    assert [(info.path, info.is_dir) for info in repository.list_artifacts()] == [("a", True)]
    assert [(info.path, info.file_size) for info in repository.list_artifacts("a")] == [("a/dump.gz", 4)]
    assert Path(repository.download_artifacts("a/dump.gz", str(tmp_path))).read_bytes() == b"dump"
    repository.delete_artifacts("a")
    assert repository.list_artifacts() == []
