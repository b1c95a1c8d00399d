"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flowship.database.part import Part
from flowship.mlflow_seams.server import app as mlflow_app
from tests.unit.in_mlflow import in_mlflow


def signature(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


class TestTheServersApp:
    """In processes of their own: what MLflow's server imports depends on the environment."""

    SERVE = (
        "import os, asyncio;"
        "from flowship.mlflow_seams.server import app as mlflow_app;"
        " from flowship.mlflow_seams.server.app import Env;"
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
            "app = mlflow_app.load_app('basic-auth');"
        )

    def test_mlflow_server_tells_its_app_by_these_variables(self, since_3_18: bool) -> None:
        names = {name: value for name, value in vars(mlflow_app.Env).items() if name.isupper()}
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
            "constants.HUEY_STORAGE_PATH_ENV_VAR, 'MLFLOW_SERVER_PID', constants.MLFLOW_SERVER_UP_TIME,"
            "*[found.name for name in ['_MLFLOW_SERVER_TLS_LISTENER', 'MLFLOW_ARTIFACTS_PRESIGNED_ONLY']"
            " if (found := getattr(variables, name, None))])"
        )

        new = {mlflow_app.Env.TLS_LISTENER, mlflow_app.Env.PRESIGNED_ONLY}
        assert printed.split() == [name for name in names.values() if since_3_18 or name not in new]

    def test_mlflow_server_says_nothing_else_to_its_app(self, since_3_18: bool) -> None:
        printed = in_mlflow(
            "import inspect, re, mlflow.server as server; source = inspect.getsource(server._run_server);"
            "print(*sorted(set(re.findall(r'env_map\\[([A-Za-z_.]+)\\]', source))))"
        )

        new = {
            "MLFLOW_ARTIFACTS_PRESIGNED_ONLY.name",
            "_MLFLOW_ASSISTANT_DELEGATION_SIGNING_KEY.name",  # without it MLflow takes no such credentials
            "_MLFLOW_SERVER_TLS_LISTENER.name",
        }
        assert set(printed.split()) & new == (new if since_3_18 else set())
        assert [name for name in printed.split() if name not in new] == [
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

        assert printed == mlflow_app.PROXIED_ROOT

    def test_the_plain_app_is_for_asgi_and_tells_its_routes(self) -> None:
        printed = in_mlflow(
            f"{self.SERVE} app = mlflow_app.load_app(None); mlflow_app.on_flask_route(print);"
            "from tests.unit.server.asgi import ask; scope = dict(scheme='http', http_version='1.1', query_string=b'');"
            "headers = [(b'host', b'localhost')]; server = ('localhost', 80);"
            "print(asyncio.run(ask(app, '/team/version', **{**scope, 'headers': headers, 'server': server})).body)"
        )

        assert printed.splitlines()[-2:] == ["/team/version", repr(version("mlflow").encode())]

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

    def test_a_run_that_links_to_models_is_told_by_these_names(self) -> None:
        printed = in_mlflow(
            "import inspect, re; from types import SimpleNamespace as Answer;"
            "from flowship.mlflow_seams.server import app as mlflow_app;"
            " from flowship.mlflow_seams.auth import users as mlflow_users;"
            "from mlflow.protos.service_pb2 import GetRun; from mlflow.utils.proto_json_utils import message_to_json;"
            "auth = mlflow_users.auth_app(); source = inspect.getsource(auth._withhold_denied_run_model_links);"
            "print(*sorted(set(re.findall(r'model_\\w+', source)) - {'model_links'}));"
            "auth._redact_run_response = lambda answer, *how: print(answer.name, *how);"
            "mlflow_users.read_only_runs_with_models();"
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
        "concerns = mlflow_app.middleware_concerns(mlflow_app.answered_by_fastapi(app));"
        "dispatch = [m.kwargs['dispatch'] for m in app.user_middleware if 'dispatch' in m.kwargs];"
        "here = {f'{d.__module__}.{d.__name__}': d.__name__.split('_')[0] for d in dispatch}; print(*here.values());"
        "scope = lambda method, path: {'type': 'http', 'method': method, 'path': '/team' + path, 'root_path': ''};"
        "told = lambda *of: print(*of, *(here[name] for name in here if concerns[name](scope(*of))));"
        "told('GET', '/api/2.0/mlflow/runs/get'); told('POST', '/gateway/x/mlflow/invocations');"
        "told('GET', '/gateway/nowhere'); told('POST', '/v1/traces'); told('GET', '/v1/traces');"
        "told('POST', '/ajax-api/2.0/mlflow/upload-artifact')"
    )

    def test_mlflows_middleware_functions_hand_on_what_flask_answers(self, since_3_18: bool) -> None:
        printed = in_mlflow(f"{self.SERVE} app = mlflow_app.load_app(None); {self.CONCERNS}")

        assert printed.splitlines()[-7:] == [
            "artifact gateway workspace" if since_3_18 else "gateway workspace",
            "GET /api/2.0/mlflow/runs/get",
            "POST /gateway/x/mlflow/invocations gateway workspace",
            "GET /gateway/nowhere gateway",
            "POST /v1/traces workspace",
            "GET /v1/traces",
            f"POST {mlflow_app.UPLOAD_PATH}{' artifact' if since_3_18 else ''}",
        ]

    def test_with_workspaces_the_first_of_them_concerns_every_request(self) -> None:
        printed = in_mlflow(
            f"{self.SERVE} os.environ['MLFLOW_ENABLE_WORKSPACES'] = 'true';"
            f"app = mlflow_app.load_app(None); {self.CONCERNS}"
        )

        assert printed.splitlines()[-6] == "GET /api/2.0/mlflow/runs/get workspace"

    def test_permissions_concern_what_flask_does_not_ask_for(self, tmp_path: Path, since_3_18: bool) -> None:
        printed = in_mlflow(f"{self.basic_auth(tmp_path)} {self.CONCERNS}")

        assert printed.splitlines()[-7:-1] == [
            "fastapi artifact gateway workspace" if since_3_18 else "fastapi gateway workspace",
            "GET /api/2.0/mlflow/runs/get",
            "POST /gateway/x/mlflow/invocations fastapi gateway workspace",
            "GET /gateway/nowhere fastapi gateway",
            "POST /v1/traces fastapi workspace",
            "GET /v1/traces fastapi",
        ]

    def test_an_app_that_is_not_installed_is_named(self) -> None:
        printed = in_mlflow(
            f"{self.SERVE}\ntry:\n    mlflow_app.load_app('mine')\n"
            "except LookupError as error:\n    print(error.args[0])"
        )

        assert printed.startswith("Failed to find app 'mine'. Available apps: ['basic-auth'")

    def test_the_stores_are_opened_by_these_functions(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            f"{self.SERVE} os.environ.update({{Env.TRACKING: 'sqlite:///{tmp_path}/runs.db', Env.ARTIFACT_ROOT: 's3://b'}});"
            "mlflow_app.open_stores(); from mlflow.server import handlers;"
            "print(handlers._tracking_store.get_experiment('0').name, handlers._model_registry_store is not None)"
        )

        assert printed.splitlines()[-1] == "Default True"

    def test_routes_are_made_once_and_not_by_the_first_request(self) -> None:
        printed = in_mlflow(
            f"{self.SERVE} app = mlflow_app.load_app(None); from fastapi import routing; made = [];"
            "make = routing._IncludedRouter._build_effective_context;"
            "routing._IncludedRouter._build_effective_context = lambda *of: made.append(of) or make(*of);"
            "mlflow_app.make_routes(app); before = len(made); scope = dict(mlflow_app.NO_PATH);"
            "[route.matches({**scope, 'path': '/team/v1/traces', 'method': 'POST'}) for route in app.routes];"
            "print(before > 50, len(made) - before)"
        )

        assert printed.splitlines()[-1] == "True 0"

    def test_what_stores_need_is_shared_before_they_are_opened(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            f"{self.SERVE} import sys; url = 'sqlite:///{tmp_path}/runs.db';"
            "os.environ.update({Env.TRACKING: url, Env.ARTIFACT_ROOT: 's3://b'}); mlflow_app.load_app(None);"
            "mlflow_app.share_what_workers_need(url); before = set(sys.modules); mlflow_app.open_stores();"
            "stores = ('mlflow.store.tracking', 'mlflow.store.model_registry', 'sqlalchemy');"
            "names = [name for name in set(sys.modules) - before if name.startswith(stores)];"
            "from mlflow.store.db import utils; print(names, utils._get_latest_schema_revision())"
        )

        assert printed.splitlines()[-1] == f"[] {Part.TRACKING.head}"

    def test_a_new_database_gets_its_default_experiment(self, tmp_path: Path) -> None:
        printed = in_mlflow(
            "from pathlib import Path; from sqlalchemy import create_engine;"
            "from flowship.mlflow_seams.database import schema as mlflow_schema;"
            "from flowship.database.url import sqlite_url;"
            f"url = sqlite_url(Path({str(tmp_path)!r}) / 'runs.db'); engine = create_engine(url);"
            "mlflow_schema.initialise_tracking(engine); mlflow_schema.make_default_experiment(url, 's3://bucket');"
            "from sqlalchemy import column, select, table; columns = [column('name'), column('artifact_location')];"
            "print(*engine.connect().execute(select(*columns).select_from(table('experiments'))).one())"
        )

        assert printed.splitlines()[-1] == "Default s3://bucket/0"

    def test_a_file_of_trace_archival_is_read_as_mlflow_server_reads_it(self, tmp_path: Path) -> None:
        (tmp_path / "archive.yaml").write_text("unknown: 1\n")
        printed = in_mlflow(
            "from pathlib import Path; from flowship.mlflow_seams.server import app as mlflow_app\n"
            f"try:\n    mlflow_app.validate_trace_archival(Path({str(tmp_path)!r}) / 'archive.yaml')\n"
            "except ValueError as error:\n    print('refused', error)"
        )

        assert printed.startswith("refused ")

    def test_the_app_of_basic_auth_is_found_and_keeps_its_users_in_a_store_that_can_be_wrapped(
        self, tmp_path: Path
    ) -> None:
        printed = in_mlflow(
            f"{self.basic_auth(tmp_path)} from flowship.mlflow_seams.auth import users as mlflow_users;"
            "mlflow_users.dispose_auth_engine();"
            "from mlflow.server import auth; print(type(app).__name__, auth.store.engine.pool.checkedin());"
            "mlflow_users.wrap_auth_store(lambda store: ['wrapped', store]); print(auth.store[0])"
        )

        assert printed.splitlines()[-2:] == ["FastAPI 0", "wrapped"]
