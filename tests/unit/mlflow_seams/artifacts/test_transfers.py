"""MLflow's handlers hand files over, and offer what they are told to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.in_mlflow import in_mlflow, with_tables

SERVED = """
import asyncio, json, os
os.environ.update({{
    "_MLFLOW_SERVER_FILE_STORE": "sqlite:///{data}/mlflow.db",
    "_MLFLOW_SERVER_REGISTRY_STORE": "sqlite:///{data}/mlflow.db",
    "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
    "_MLFLOW_SERVER_ARTIFACT_DESTINATION": "{destination}",
    "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    "_MLFLOW_STATIC_PREFIX": "/prefix",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", **{variables},
}})
from flowship.mlflow_seams.server import app as mlflow_app
from flowship.mlflow_seams.artifacts import transfers
app = mlflow_app.load_app(None)
transfers.hand_over(app, **{offered})

def ask(method, path, body=b"{{}}"):
    found = []
    async def go():
        async def receive():
            return {{"type": "http.request", "body": body, "more_body": False}}
        async def send(message):
            found.append(message)
        path_only, _, query = path.partition("?")
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json"),
                   (b"content-length", str(len(body)).encode())]
        scope = {{"type": "http", "method": method, "path": path_only, "raw_path": path_only.encode(),
                 "query_string": query.encode(), "headers": headers, "root_path": "",
                 "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1), "http_version": "1.1",
                 "asgi": {{"version": "3.0"}}}}
        with transfers.taking_orders() as order:
            await app(scope, receive, send)
        return order
    order = asyncio.run(go())
    body = b"".join(message.get("body", b"") for message in found[1:])
    return [found[0]["status"], order.sends and order.sends.path, order.keeps and order.keeps.path, body.decode()]

def offers():
    info = json.loads(ask("GET", "/prefix/api/3.0/mlflow/server-info")[3])
    upload = ask("POST", "/prefix/api/2.0/mlflow-artifacts/mpu/abort/1", b'{{"path": "x", "upload_id": "7"}}')
    download = ask("GET", "/prefix/api/2.0/mlflow-artifacts/presigned/1/x")
    told = [info["multipart_uploads_enabled"], info["multipart_downloads_enabled"]]
    return [told, [upload[0] != 501, download[0] != 501]]
"""


def served(program: str, data: Any, destination: str = "s3://bucket", **offered: bool) -> Any:
    """What the program prints as JSON; its `ask` sends requests to MLflow's app."""
    variables = {f"MLFLOW_ENABLE_PROXY_MULTIPART_{way.upper()[:-1]}": "true" for way in offered}  # since MLflow 3.18
    filled = SERVED.format(data=with_tables(data), destination=destination, offered=offered, variables=variables)
    return json.loads(in_mlflow(filled + program))


ROUTES = ["/api/2.0", "/ajax-api/2.0", "/prefix/api/2.0", "/prefix/ajax-api/2.0"]

IN_A_BUCKET = f"""
from mlflow import MlflowClient
client = MlflowClient(os.environ["_MLFLOW_SERVER_FILE_STORE"])
paths = [route + "/mlflow-artifacts/artifacts/1/a b.txt" for route in {ROUTES}]
of_things = []
for root in ("mlflow-artifacts:/7", "s3://other/7"):
    experiment = client.create_experiment(root, artifact_location=root)
    run = client.create_run(experiment)
    of_things.append(f"/prefix/get-artifact?run_id={{run.info.run_id}}&path=a.txt")
    client.create_registered_model(f"m{{experiment}}")
    client.create_model_version(f"m{{experiment}}", run.info.artifact_uri, run.info.run_id)
    of_things.append(f"/prefix/model-versions/get-artifact?name=m{{experiment}}&version=1&path=a.txt")
    model = client.create_logged_model(experiment).model_id
    files = f"/prefix/ajax-api/2.0/mlflow/logged-models/{{model}}/artifacts/files"
    of_things.append(f"{{files}}?artifact_file_path=a.txt")
print(json.dumps({{
    "sends": [ask("GET", path)[:3] for path in paths],
    "keeps": [ask("PUT", path)[:3] for path in paths],
    "of things": [ask("GET", path)[:2] for path in of_things],
    "offers": offers(),
}}))
"""

ON_DISK = """
from pathlib import Path
from mlflow.server import handlers
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository

class Other(LocalArtifactRepository):
    pass

class Info:
    tags = {"mlflow.artifactLocation": os.environ["_MLFLOW_SERVER_ARTIFACT_DESTINATION"]}

other = Other("/tmp")
folder = Path(os.environ["_MLFLOW_SERVER_ARTIFACT_DESTINATION"].removeprefix("file://"))
folder.mkdir()
trace = handlers._get_trace_artifact_repo(Info)
missing = trace.get_local_path("traces.json")
(folder / "traces.json").write_text("{}")
with transfers.taking_orders() as order:
    try:
        trace.get_local_path("traces.json")
    except transfers.HandedOver:
        pass
status, body = transfers.failure("No such artifact: 'x'", "RESOURCE_DOES_NOT_EXIST")
print(json.dumps({
    "another kind": transfers.behind(other) is other,
    "traces": [missing, order.sends.path],
    "error": [status, json.loads(body)],
    "mlflow's": [(found := ask("GET", "/api/2.0/mlflow-artifacts/artifacts/x"))[0], json.loads(found[3])],
    "offers": offers(),
}))
"""


@pytest.fixture(scope="module")
def in_a_bucket(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return served(IN_A_BUCKET, tmp_path_factory.mktemp("bucket"))


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Any:
    data = tmp_path_factory.mktemp("disk")
    return served(ON_DISK, data, f"file://{data}/store", uploads=True, downloads=True)


def test_the_route_of_files_hands_over_both_ways_on_each_path(in_a_bucket: Any) -> None:
    assert in_a_bucket["sends"] == [[200, "1/a b.txt", None]] * 4
    assert in_a_bucket["keeps"] == [[200, None, "1/a b.txt"]] * 4


def test_files_of_runs_and_models_are_handed_over_wherever_their_root_is(in_a_bucket: Any) -> None:
    found = in_a_bucket["of things"]

    assert [status for status, _ in found] == [200] * 6
    assert all(path.endswith("a.txt") for _, path in found)
    assert found[3][1] == "a.txt"  # of a run that has a root of its own


def test_the_data_of_a_trace_is_handed_over_when_it_is_there(on_disk: Any) -> None:
    assert on_disk["traces"] == [None, "traces.json"]


def test_nothing_is_offered_unless_it_was_asked_for(in_a_bucket: Any) -> None:
    assert in_a_bucket["offers"] == [[False, False], [False, False]]


def test_what_was_asked_for_is_offered_where_the_store_can_sign(tmp_path: Any, on_disk: Any) -> None:
    assert on_disk["offers"] == [[False, False], [False, False]]
    assert served("print(json.dumps(offers()))", tmp_path, uploads=True) == [[True, False], [True, False]]


def test_each_offer_is_made_alone_or_with_the_other() -> None:
    program = """
import json
from mlflow.store.artifact.artifact_repo import MultipartDownloadMixin, MultipartUploadMixin
from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository
from flowship.mlflow_seams.artifacts.transfers import behind
s3 = S3ArtifactRepository("s3://bucket")
both = [behind(s3, uploads=up, downloads=down) for up in (False, True) for down in (False, True)]
print(json.dumps([[isinstance(one, kind) for kind in (MultipartUploadMixin, MultipartDownloadMixin)] for one in both]))
"""
    assert json.loads(in_mlflow(program)) == [[False, False], [False, True], [True, False], [True, True]]


def test_a_store_of_another_kind_is_left_to_mlflow(on_disk: Any) -> None:
    assert on_disk["another kind"] is True


def test_errors_are_mlflows_own(on_disk: Any) -> None:
    assert on_disk["error"] == on_disk["mlflow's"]
