"""A server that carries no file: MLflow 3.18's clients send and fetch all of them by addresses that it signs, for whom
MLflow lets. `make test-next` runs this, where that MLflow is installed.
"""

from __future__ import annotations

import json
import re
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.artifacts.client import ARTIFACTS, ClientError, client
from tests.integration.artifacts.conftest import s3_values
from tests.integration.server.asking import ask, basic
from tests.integration.users import ADMIN, attacked
from tests.mlflow_version import SINCE_3_18

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.integration.artifacts.client import Client
    from tests.integration.flowship import Running
    from tests.integration.servers.s3 import S3Server

pytestmark = pytest.mark.skipif(not SINCE_3_18, reason="MLflow before 3.18 carries files")

BUCKET, ELSEWHERE = "direct-only", "direct-elsewhere"
ADA, BEN = ("ada", "another long password"), ("ben", "yet another password")
API, FILES = "/api/2.0", "/mlflow-artifacts/artifacts/"
LARGE = {"MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE": str(5 << 20), "MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE": str(5 << 20)}
"""A client that cuts files of some megabytes into parts."""


@pytest.fixture(scope="module")
def server(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    s3.create_bucket(BUCKET)
    s3.create_bucket(ELSEWHERE)
    root = {"proxiedArtifactStorage": True, "directTransfer": "only", "allowedLocations": [f"s3://{ELSEWHERE}"]}
    values = {**s3_values(s3, BUCKET, **root), "extraArgs": {"staticPrefix": "/prefix", "workers": 1}}
    data = tmp_path_factory.mktemp("direct-only") / "data"
    with attacked(data, ADA, BEN, values=values, defaultPermission="NO_PERMISSIONS") as started:
        yield started


@pytest.fixture(scope="module")
def ada(server: Running) -> Iterator[Client]:
    with client(server.address, {**credentials(*ADA), **LARGE}) as stock:
        yield stock


@pytest.fixture(scope="module")
def run(ada: Client) -> dict[str, Any]:
    """A run of hers, in an experiment that she made."""
    return ada.log("hers")


@pytest.fixture(scope="module")
def folder(run: Mapping[str, Any]) -> str:
    """Where its files are, below the root."""
    return str(run["uri"]).removeprefix("mlflow-artifacts:/")


def credentials(name: str, password: str) -> dict[str, str]:
    return {"MLFLOW_TRACKING_USERNAME": name, "MLFLOW_TRACKING_PASSWORD": password}


def called(
    server: Running, user: tuple[str, str], path: str, body: Any = None, method: str | None = None
) -> tuple[int, Any]:
    """Status of an answer of the API, and its JSON if it is some."""
    found = ask(
        server.address, f"/prefix{path}", method=method or ("POST" if body else "GET"), body=body, headers=basic(*user)
    )
    is_json = found.headers.get("content-type", "").startswith("application/json")
    return found.status, json.loads(found.text) if is_json else found.text


def carried(server: Running) -> list[str]:
    """What the log tells of files that went through the server."""
    return re.findall(rf"(?:GET|PUT) \S*(?:{FILES}\S+|get-artifact\S*|upload-artifact\S*) 2\d\d", server.log())


def test_a_user_with_rights_logs_and_reads_files_of_each_size_past_the_server(
    server: Running, s3: S3Server, ada: Client, run: Mapping[str, Any], folder: str
) -> None:
    more = {"empty.txt": "", "large.txt": "0123456789" * (12 << 17)}
    for path, text in more.items():
        ada.log_text(run["id"], path, text)

    assert ada.read(run["id"]) == {**ARTIFACTS, **{path: text.encode() for path, text in more.items()}}
    assert {f"{folder}/{path}" for path in (*ARTIFACTS, *more)} == set(s3.object_names(BUCKET))
    assert carried(server) == []


def test_one_without_rights_can_neither_read_nor_send(
    server: Running, s3: S3Server, run: Mapping[str, Any], folder: str
) -> None:
    before = s3.object_names(BUCKET)
    with client(server.address, credentials(*BEN)) as stock:
        for attempt in (lambda: stock.read(run["id"]), lambda: stock.log_text(run["id"], "x.txt", "x")):
            with pytest.raises(ClientError, match=r"Permission denied|PERMISSION_DENIED|403"):
                attempt()
    upload = {"path": "x.txt", "num_parts": 1}
    assert called(server, BEN, f"{API}/mlflow-artifacts/mpu/create/{folder}", upload)[0] == 403
    assert called(server, BEN, f"{API}/mlflow-artifacts/presigned/{folder}/tree/a.txt")[0] == 403
    assert called(server, ADA, f"{API}/mlflow-artifacts/presigned/{folder}/tree/a.txt")[0] == 200
    assert s3.object_names(BUCKET) == before


def test_who_sends_or_asks_for_a_file_itself_is_told_why_not(server: Running, folder: str) -> None:
    for method in ("GET", "PUT"):
        for route in ("/api/2.0", "/ajax-api/2.0"):
            status, told = called(server, ADA, f"{route}{FILES}{folder}/tree/a.txt", method=method)
            assert (status, told["error_code"]) == (403, "PERMISSION_DENIED")
            assert "This server requires artifacts to be" in told["message"]


def test_clients_are_told_of_it_and_older_ones_of_what_they_can(server: Running) -> None:
    told = called(server, ADMIN, "/api/3.0/mlflow/server-info")[1]

    assert told["artifacts_presigned_only"] is True
    assert (told["multipart_uploads_enabled"], told["multipart_downloads_enabled"]) == (True, True)


def test_files_of_a_model_are_signed_for_its_readers(server: Running, s3: S3Server, run: Mapping[str, Any]) -> None:
    experiment = called(server, ADA, f"{API}/mlflow/runs/get?run_id={run['id']}")[1]["run"]["info"]["experiment_id"]
    asked = {"experiment_id": experiment, "name": "m", "source_run_id": run["id"]}
    model = called(server, ADA, f"{API}/mlflow/logged-models", asked)[1]["model"]["info"]
    key = model["artifact_uri"].removeprefix("mlflow-artifacts:/") + "/MLmodel"
    s3.client().put_object(Bucket=BUCKET, Key=key, Body=b"a model")
    path = f"/ajax-api/2.0/mlflow/logged-models/{model['model_id']}/artifacts/files?artifact_file_path=MLmodel"

    assert called(server, BEN, f"{path}&presigned=true")[0] == 403
    assert called(server, ADA, path)[0] == 403
    assert fetched(called(server, ADA, f"{path}&presigned=true")[1]["url"]) == b"a model"


def test_files_of_runs_elsewhere_are_signed_for_who_may(server: Running, s3: S3Server) -> None:
    """The server signs with its own credentials, wherever `allowedLocations` let an experiment be."""
    asked = {"name": "elsewhere", "artifact_location": f"s3://{ELSEWHERE}/hers"}
    experiment = called(server, ADA, f"{API}/mlflow/experiments/create", asked)[1]["experiment_id"]
    made = called(server, ADA, f"{API}/mlflow/runs/create", {"experiment_id": experiment})[1]["run"]["info"]
    named = {"run_id": made["run_id"], "path": "a.txt"}
    upload, download = (f"{API}/mlflow/artifacts/presigned-{way}-url" for way in ("upload", "download"))

    assert [called(server, BEN, route, named)[0] for route in (upload, download)] == [403, 403]
    signed = called(server, ADA, upload, named)[1]
    request = urllib.request.Request(signed["presigned_url"], b"hers", signed.get("headers", {}), method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=60):  # noqa: S310 - loopback
        pass
    assert s3.object_names(ELSEWHERE) == [f"hers/{made['run_id']}/artifacts/a.txt"]
    assert fetched(called(server, ADA, download, named)[1]["presigned_url"]) == b"hers"


def fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - loopback
        return bytes(answer.read())
