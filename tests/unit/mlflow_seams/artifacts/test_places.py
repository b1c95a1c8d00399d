"""Each private name of MLflow by which it keeps a place is where it was, and what is asked there is asked."""

from __future__ import annotations

from pathlib import Path

from tests.unit.in_mlflow import in_mlflow, with_tables

GUARDED = """
import contextlib, os
from flowship.mlflow_seams.artifacts import places
from flowship.mlflow_seams.server.app import Env

class Rules:
    def location(self, field, address):
        return f"{field} {address}" if "else" in address else None
    def source(self, address, own):
        return f"{address} {list(own())}" if "else" in address else None

free = []
places.guard_places(Rules(), lambda: bool(free))
from mlflow.server import handlers, app
from mlflow.exceptions import MlflowException
os.environ.update(dict.fromkeys([Env.TRACKING, Env.REGISTRY], "sqlite:///%s/mlflow.db"))
os.environ.update({Env.ARTIFACT_ROOT: "mlflow-artifacts:/", "MLFLOW_DISABLE_TELEMETRY": "true"})
client = app.test_client()
def post(path, method="POST", **body):
    answer = client.open("/api/" + path, method=method, json=body)
    return answer.status_code, answer.json
"""


def guarded(directory: Path, program: str) -> list[str]:
    return in_mlflow((GUARDED % with_tables(directory)) + program).splitlines()


def test_the_roots_are_those_that_mlflow_is_told() -> None:
    printed = in_mlflow(
        "import os; from flowship.mlflow_seams.artifacts.places import client_roots;"
        " from flowship.mlflow_seams.server.app import Env;\n"
        "print(client_roots())\n"
        "os.environ[Env.ARTIFACT_ROOT] = 's3://runs'; print(client_roots())\n"
        "os.environ[Env.SERVE_ARTIFACTS] = 'true'; print(client_roots())"
    )

    assert printed.splitlines() == [
        "('mlflow-artifacts:/',)",
        "('s3://runs',)",
        "('s3://runs', 'mlflow-artifacts:/')",
    ]


def test_experiments_and_workspaces_are_asked_about(tmp_path: Path) -> None:
    printed = guarded(
        tmp_path,
        "said = post('2.0/mlflow/experiments/create', name='a', artifact_location='s3://else')\n"
        "print(said[0], said[1]['error_code'], said[1]['message'])\n"
        "print(post('2.0/mlflow/experiments/create', name='b', artifact_location='s3://here')[0])\n"
        "free.append(1); print(post('2.0/mlflow/experiments/create', name='c', artifact_location='s3://else')[0])\n"
        "free.clear()\n"
        "for validate in (handlers._validate_workspace_default_artifact_root,"
        " handlers._validate_workspace_trace_archival_location):\n"
        "    try: validate('s3://else')\n"
        "    except MlflowException as error: print(error.error_code, error.message)",
    )

    assert printed == [
        "403 PERMISSION_DENIED artifact_location s3://else",
        "200",
        "200",
        "PERMISSION_DENIED default_artifact_root s3://else",
        "PERMISSION_DENIED trace_archival_config.location s3://else",
    ]


def test_model_versions_are_asked_about_with_the_places_of_their_run_and_model(tmp_path: Path) -> None:
    printed = guarded(
        tmp_path,
        "run = post('2.0/mlflow/runs/create', experiment_id='0')[1]['run']['info']\n"
        "model = post('2.0/mlflow/logged-models', experiment_id='0')[1]['model']['info']\n"
        "post('2.0/mlflow/registered-models/create', name='m')\n"
        "for named in ({}, {'run_id': run['run_id']}, {'model_id': model['model_id']}, {'run_id': 'none'}):\n"
        "    said = post('2.0/mlflow/model-versions/create', name='m', source='s3://bucket/else', **named)\n"
        "    print(said[0], said[1]['message'].replace(run['run_id'], 'RUN').replace(model['model_id'], 'MODEL'))\n"
        "for source in ('s3://bucket/here', 'runs:/' + run['run_id'] + '/m', 'models:/m/1'):\n"
        "    named = {'run_id': run['run_id']} if 'runs' in source else {}\n"
        "    print(post('2.0/mlflow/model-versions/create', name='m', source=source, **named)[0])\n"
        "free.append(1); print(post('2.0/mlflow/model-versions/create', name='m', source='s3://bucket/else')[0])\n"
        "free.clear(); tag = {'key': 'mlflow.prompt.is_prompt', 'value': 'true'}\n"
        "post('2.0/mlflow/registered-models/create', name='p', tags=[tag])\n"
        "print(post('2.0/mlflow/model-versions/create', name='p', source='dummy-source', tags=[tag])[0])",
    )

    assert printed == [
        "403 s3://bucket/else []",
        "403 s3://bucket/else ['mlflow-artifacts:/0/RUN/artifacts']",
        "403 s3://bucket/else ['mlflow-artifacts:/0/models/MODEL/artifacts']",
        "403 s3://bucket/else []",
        *["200"] * 5,
    ]


TRACES = (
    "tags = {key: 'ARCHIVE_REPO' if 'spans' in key else 's3://else' for key in places._place_tags()}\n"
    "def trace(name, **tags):\n"
    "    place = {'type': 'MLFLOW_EXPERIMENT', 'mlflow_experiment': {'experiment_id': '0'}}\n"
    "    info = {'trace_id': name, 'trace_location': place, 'request_time': '2026-01-01T00:00:00Z', 'state': 'OK'}\n"
    "    return post('3.0/mlflow/traces', trace={'trace_info': {**info, 'tags': tags}})\n"
)


def test_no_tag_of_a_client_says_where_a_trace_is(tmp_path: Path) -> None:
    printed = guarded(
        tmp_path,
        TRACES + "print(*sorted(trace('tr-1', mine='x', **tags)[1]['trace']['trace_info']['tags'].items()))\n"
        "print(*sorted({post('3.0/mlflow/traces/tr-1/tags', 'PATCH', key=key, value='x')[0] for key in tags}))\n"
        "said = post('3.0/mlflow/traces/tr-1/tags', 'PATCH', key='mlflow.artifactLocation', value='x')[1]\n"
        "print(said['message'])\n"
        "old = [{'key': key, 'value': value} for key, value in tags.items()]\n"
        "begun = post('2.0/mlflow/traces', experiment_id='0', timestamp_ms=1, request_metadata=[], tags=old)[1]\n"
        "name = begun['trace_info']['request_id']\n"
        "post('2.0/mlflow/traces/' + name, 'PATCH', timestamp_ms=2, status='OK', request_metadata=[], tags=old)\n"
        "print('else' in str(post('2.0/mlflow/traces/' + name + '/info', 'GET')))",
    )

    assert printed == [
        "('mine', 'x') ('mlflow.artifactLocation', 'mlflow-artifacts:/0/traces/tr-1/artifacts')",
        "400",
        "Tag 'mlflow.artifactLocation' is immutable and cannot be set on a trace.",
        "False",
    ]


def test_no_attribute_of_opentelemetry_says_where_a_trace_is(tmp_path: Path) -> None:
    printed = guarded(
        tmp_path,
        TRACES + "from mlflow.entities.span import Span\n"
        "from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent\n"
        "sent = Sent(trace_id=b'1' * 16, span_id=b'2' * 8, name='x', start_time_unix_nano=1, end_time_unix_nano=2)\n"
        "for key, value in {**tags, 'mine': 'x'}.items():\n"
        "    sent.attributes.add(key='mlflow.traceTag.' + key).value.string_value = value\n"
        "span = Span.from_otel_proto(sent)\n"
        "store = handlers._get_tracking_store(); store.log_spans('0', [span])\n"
        "found = store.get_trace_info(span.trace_id).tags\n"
        "print(found['mine'], found['mlflow.trace.spansLocation'], 'else' in str(found))",
    )

    assert printed == ["x TRACKING_STORE False"]


def test_a_trace_has_a_name_that_is_one_part_of_a_path(tmp_path: Path) -> None:
    """Since 3.18 MLflow refuses these too, in other words, but for the space."""
    printed = guarded(
        tmp_path,
        TRACES + "print(*(trace(name)[0] for name in ('..', '.', 'a/b', 'a%2fb', 'a\\\\b', 'a b', 'a?b', 'a#b')))\n"
        "print(*(trace(name)[0] for name in ('tr-12', 'a.b', 'é:1')))\n"
        "print(trace('a/b')[1]['message'])",
    )

    assert printed == [
        "400 400 400 400 400 400 400 400",
        "200 200 200",
        "Invalid trace ID: 'a/b'. It becomes part of the place where the trace is kept, so it must not hold a slash, a "
        "backslash, `%`, `?`, `#` or a space, nor be `.` or `..`.",
    ]
