"""Each private name of MLflow by which it changes a trace is where it was, and whose the trace is is asked there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.in_mlflow import in_mlflow, with_tables
from tests.unit.mlflow_seams.server import test_app

if TYPE_CHECKING:
    from pathlib import Path

USERS = """
import base64, contextlib, json
from flowship.mlflow_seams.loopholes import traces
from flowship.mlflow_seams.auth.users import auth_app
from mlflow.server import handlers
from tests.unit.server.asgi import ask

auth = auth_app()
auth.auth_config = auth.auth_config._replace(default_permission="NO_PERMISSIONS")
for name, is_admin in (("root", True), ("ada", False), ("eve", False)):
    auth.store.create_user(name, "a good password", is_admin=is_admin)
auth.store.authenticate_user = lambda username, password: True
looked = []
@contextlib.contextmanager
def anew():
    looked.append(1)
    yield
remembered = set()
def remember(what, decide):
    if what not in remembered and decide():
        remembered.add(what)
    return what in remembered
traces.keep_traces_to_their_users(anew, remember)
os.environ[Env.ARTIFACT_ROOT] = "mlflow-artifacts:/"
tracking = handlers._get_tracking_store()
for name, number in (("ada", "1"), ("eve", "2")):
    assert tracking.create_experiment(name) == number
    auth.store.grant_user_permission(name, "experiment", number, "MANAGE")
run = tracking.create_run("1", "ada", 1, [], "ada's").info.run_id

def asked(who, path, method="POST", headers=(), **body):
    sent = json.dumps(body).encode()
    said = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    said.append((b"content-length", str(len(sent)).encode()))
    said.append((b"authorization", b"Basic " + base64.b64encode(f"{who}:x".encode())))
    whole = {"scheme": "http", "server": ("localhost", 80), "http_version": "1.1", "query_string": b""}
    answer = asyncio.run(ask(app, path, method, headers=[*said, *headers], sent=sent, **whole))
    return answer.status

def start(who, experiment, trace, **more):
    place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
    info = {"trace_id": trace, "trace_location": place, "request_time": "2026-01-01T00:00:00Z", "state": "OK"}
    return asked(who, "/api/3.0/mlflow/traces", trace={"trace_info": {**info, **more}})

def log(who, experiment, trace, *runs):
    span = {"traceId": trace, "spanId": "1" * 16, "name": "x", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    headers = [(b"x-mlflow-experiment-id", experiment.encode())]
    headers += [(b"x-mlflow-run-id", run.encode()) for run in runs]
    return asked(who, "/v1/traces", headers=headers, resourceSpans=[{"scopeSpans": [{"spans": [span]}]}])
"""


def printed(directory: Path, lines: str) -> list[str]:
    loading = test_app.TestTheServersApp().basic_auth(directory).replace("/team", "")
    loading = loading.replace("'sqlite://'", f"'sqlite:///{with_tables(directory)}/mlflow.db'")
    return in_mlflow(f"{loading}\n{USERS}\n{lines}").splitlines()


def test_a_trace_of_another_experiment_is_asked_about(tmp_path: Path, since_3_18: bool) -> None:
    """Since 3.18 MLflow refuses admins too, and those who may change both."""
    said = printed(
        tmp_path,
        "otel = 'a' * 32; trace = 'tr-' + otel\n"
        "print(start('ada', '1', trace), start('ada', '1', trace), log('ada', '1', otel), len(looked))\n"
        "print(start('eve', '2', trace), log('eve', '2', otel), len(looked))\n"
        "print(tracking.get_trace_info(trace).experiment_id, log('root', '2', otel))\n"
        "auth.store.grant_user_permission('eve', 'experiment', '1', 'EDIT')\n"
        "print(log('eve', '2', otel), start('eve', '2', trace), tracking.get_trace_info(trace).experiment_id)",
    )

    whoever = ["1 400", "400 400 1"] if since_3_18 else ["1 200", "200 200 2"]
    assert said == ["200 200 200 0", "403 403 2", *whoever]


def test_an_assessment_stays_on_its_trace(tmp_path: Path, since_3_18: bool) -> None:
    said = printed(
        tmp_path,
        "def assessed(who, experiment, trace):\n"
        "    one = {'assessment_id': 'a-1', 'assessment_name': 'x', 'trace_id': trace, 'feedback': {'value': True},\n"
        "           'source': {'source_type': 'HUMAN', 'source_id': 'x'},\n"
        "           **dict.fromkeys(['create_time', 'last_update_time'], '2026-01-01T00:00:00Z')}\n"
        "    return start(who, experiment, trace, assessments=[one])\n"
        "print(assessed('ada', '1', 'tr-1'), assessed('ada', '1', 'tr-1'), start('eve', '2', 'tr-2'))\n"
        "print(assessed('eve', '2', 'tr-2'), assessed('root', '2', 'tr-2'))\n"
        "print(tracking.get_assessment('tr-1', 'a-1').name, tracking.delete_traces('1', trace_ids=['tr-1']))",
    )

    assert said == ["200 200 200", "400 400" if since_3_18 else "403 403", "x 1"]


def test_a_run_of_another_experiment_is_asked_about(tmp_path: Path) -> None:
    said = printed(
        tmp_path,
        "def linked(who, experiment, run, name):\n"
        "    old = {'timestamp_ms': 1, 'request_metadata': [{'key': 'mlflow.sourceRun', 'value': run}], 'tags': []}\n"
        "    trace = tracking.deprecated_start_trace_v2(\n"
        "        experiment_id=experiment, timestamp_ms=1, request_metadata={}, tags={}).request_id\n"
        "    print(start(who, experiment, 'tr-' + name, trace_metadata={'mlflow.sourceRun': run}),\n"
        "          asked(who, '/api/2.0/mlflow/traces', experiment_id=experiment, **old),\n"
        "          asked(who, '/api/2.0/mlflow/traces/' + trace, 'PATCH', status='OK', **old),\n"
        "          log(who, experiment, name * 32, run), log(who, experiment, name * 32, '', run))\n"
        "linked('ada', '1', run, 'a'); linked('eve', '2', run, 'b'); linked('eve', '2', '0' * 32, 'c')\n"
        "linked('root', '2', run, 'd')\n"
        "auth.store.grant_user_permission('eve', 'experiment', '1', 'EDIT'); linked('eve', '2', run, 'e')",
    )

    assert said == ["200 200 200 200 200", "403 403 403 403 403", "403 403 403 403 403", *["200 200 200 200 200"] * 2]
