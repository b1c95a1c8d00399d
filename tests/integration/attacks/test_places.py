"""Places that a client names: what the server would read or write there with its own credentials is refused."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.effects import shows
from tests.integration.artifacts.conftest import s3_values
from tests.integration.flowship import Running, running
from tests.integration.server.asking import Answer, ask, basic
from tests.integration.users import ADMIN, attacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.servers.s3 import S3Server

ADA = ("ada", "ada's first password")
SECRET = b"the secret of somebody else"
API = "/api/2.0/mlflow"
NEWER = "/api/3.0/mlflow"

LOCATIONS = (
    "s3://others/ada",
    "s3://artifacts/backups",
    "S3://others/ada",
    "s3:/others/ada",
    "s3://artifacts/root/../backups",
    "s3://artifacts/root/%2e%2e/backups",
    "s3://key:secret@others/ada",
    "file:///tmp",
    "file:/tmp",
    "FILE:///tmp",
    "/tmp",
    "tmp",
    "mlflow-artifacts:/../backups",
    "mlflow-artifacts:/%2e%2e/backups",
    "mlflow-artifacts:/%252e%252e/backups",
    "mlflow-artifacts:/x?y=z",
    "gs://others/ada",
    "models:/somebody/1",
    "http://127.0.0.1/api/2.0/mlflow-artifacts/artifacts/../1",
)
"""Where an experiment of a plain user may not keep its artifacts."""


@pytest.fixture(scope="module")
def proxied(s3: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with users in front of an object store, whose credentials also open what is not MLflow's."""
    for bucket, key in (("artifacts", "backups/dump"), ("others", "ada/secret.txt"), ("others", "traces/traces.json")):
        if key != "traces/traces.json":
            s3.create_bucket(bucket)
        s3.client().put_object(Bucket=bucket, Key=key, Body=SECRET)
    values = s3_values(s3, "artifacts", proxiedArtifactStorage=True, s3={"path": "root"})
    data = tmp_path_factory.mktemp("places") / "data"
    with attacked(data, ADA, values=values, defaultPermission="NO_PERMISSIONS") as server:
        yield server


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server without users, with artifacts on its disk, that lets everybody name one directory more."""
    here = tmp_path_factory.mktemp("opened")
    (here / "shared").mkdir()
    values = {
        "extraArgs": {"workers": 1, "staticPrefix": "/mlflow"},
        "artifactRoot": {"allowedLocations": [f"file://{here}/shared"]},
    }
    with running(values, data=here / "data") as server:
        yield server


def say(
    server: Running, path: str, user: tuple[str, str] | None, method: str = "POST", api: str = API, **body: Any
) -> Answer:
    headers = basic(*user) if user else {}
    return ask(server.address, f"{api}{path}", method=method, body=body, headers=headers)


def made(server: Running, path: str, user: tuple[str, str] | None, api: str = API, **body: Any) -> Any:
    answer = say(server, path, user, api=api, **body)
    assert answer.status == 200, answer.text
    return json.loads(answer.text)


def unique(name: str) -> str:
    return f"{name}-{time.monotonic_ns()}"


@pytest.fixture
def experiment(proxied: Running) -> str:
    """An experiment of ada's."""
    return str(made(proxied, "/experiments/create", ADA, name=unique("ada's"))["experiment_id"])


@pytest.fixture
def run(proxied: Running, experiment: str) -> dict[str, Any]:
    """A run of ada's."""
    found: dict[str, Any] = made(proxied, "/runs/create", ADA, experiment_id=experiment)["run"]["info"]
    return found


@pytest.mark.parametrize("location", LOCATIONS)
def test_a_plain_user_keeps_artifacts_under_the_root_only(proxied: Running, location: str) -> None:
    answer = say(proxied, "/experiments/create", ADA, name=unique("elsewhere"), artifact_location=location)

    assert answer.status in {400, 403}, answer.text


@pytest.mark.parametrize("location", ["mlflow-artifacts:/0", "mlflow-artifacts:/%30/x", "mlflow-artifacts:/777/run"])
def test_a_plain_user_keeps_nothing_in_the_folder_of_an_experiment(proxied: Running, location: str) -> None:
    """What is written there appears among the artifacts of its runs."""
    answer = say(proxied, "/experiments/create", ADA, name=unique("elsewhere"), artifact_location=location)

    assert answer.status == 403, answer.text
    assert "by its number" in answer.text


def test_a_path_of_no_file_is_answered_as_mlflow_answers(proxied: Running, experiment: str) -> None:
    """MLflow's object stores say only when they list it that it is none."""
    model = made(proxied, "/logged-models", ADA, experiment_id=experiment, name="m")["model"]["info"]["model_id"]
    for path in ("s3://others/ada/secret.txt", "/etc/passwd", "../secret.txt", "missing"):
        read = ask(
            proxied.address,
            f"/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path={path}",
            headers=basic(*ADA),
        )
        assert read.status != 200
        assert json.loads(read.text)["error_code"], (path, read.text)


def test_the_refusal_says_what_to_write_instead(proxied: Running) -> None:
    answer = say(proxied, "/experiments/create", ADA, name=unique("elsewhere"), artifact_location="s3://others/ada")

    found = json.loads(answer.text)
    assert {key: found[key] for key in ("error_code", "message")} == {
        "error_code": "PERMISSION_DENIED",
        "message": 'artifact_location "s3://others/ada" is not under mlflow-artifacts:/, where this server keeps '
        "artifacts. Leave it out; an admin may name any place, and can let everybody name this one by "
        "artifactRoot.allowedLocations.",
    }


@pytest.mark.parametrize("source", [*LOCATIONS, "s3://others/"])
def test_a_plain_user_reads_no_place_through_a_model_version(
    proxied: Running, run: dict[str, Any], source: str
) -> None:
    name = unique("model")
    made(proxied, "/registered-models/create", ADA, name=name)

    alone = say(proxied, "/model-versions/create", ADA, name=name, source=source)
    with_run = say(proxied, "/model-versions/create", ADA, name=name, source=source, run_id=run["run_id"])

    assert {alone.status, with_run.status} <= {400, 403, 404, 500}, (alone.text, with_run.text)
    read = ask(
        proxied.address, f"/model-versions/get-artifact?name={name}&version=1&path=secret.txt", headers=basic(*ADA)
    )
    assert read.status != 200
    assert SECRET.decode() not in read.text


def test_an_admin_names_any_place(proxied: Running) -> None:
    name = unique("model")
    made(proxied, "/registered-models/create", ADMIN, name=name)
    made(proxied, "/model-versions/create", ADMIN, name=name, source="s3://others/ada")
    made(proxied, "/experiments/create", ADMIN, name=unique("elsewhere"), artifact_location="s3://others/x")

    read = ask(
        proxied.address, f"/model-versions/get-artifact?name={name}&version=1&path=secret.txt", headers=basic(*ADMIN)
    )
    assert read.text == SECRET.decode()


def test_a_plain_user_registers_what_is_ones_own(proxied: Running, run: dict[str, Any]) -> None:
    name = unique("model")
    made(proxied, "/registered-models/create", ADA, name=name)
    for source in (f"runs:/{run['run_id']}/model", f"{run['artifact_uri']}/model", f"{run['artifact_uri']}/my model"):
        made(proxied, "/model-versions/create", ADA, name=name, source=source, run_id=run["run_id"])
    made(proxied, "/model-versions/create", ADA, name=name, source=f"models:/{name}/1")
    made(proxied, "/experiments/create", ADA, name=unique("under"), artifact_location="mlflow-artifacts:/team a/x")


SYSTEM_TAGS = {
    "mlflow.artifactLocation": "s3://others/traces",
    "mlflow.trace.spansLocation": "ARCHIVE_REPO",
    "mlflow.trace.archiveLocation": "s3://others/traces",
}
"""Tags of a trace that say where the server reads it."""


def trace(experiment: str, trace_id: str, **tags: str) -> dict[str, Any]:
    return {
        "trace": {
            "trace_info": {
                "trace_id": trace_id,
                "trace_location": {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}},
                "request_time": "2026-01-01T00:00:00Z",
                "state": "OK",
                "tags": tags,
            }
        }
    }


def test_a_tag_leads_no_trace_to_another_place(proxied: Running, experiment: str) -> None:
    name = unique("tr")
    made(proxied, "/traces", ADA, api=NEWER, **trace(experiment, name))
    said = [
        say(proxied, f"/traces/{name}/tags", ADA, "PATCH", NEWER, key=key, value=value)
        for key, value in SYSTEM_TAGS.items()
    ]

    assert [answer.status for answer in said] == [400, 400, 400]
    read = ask(proxied.address, f"/ajax-api/2.0/mlflow/get-trace-artifact?request_id={name}", headers=basic(*ADA))
    assert SECRET.decode() not in read.text


@pytest.mark.parametrize("how", ["new", "again", "old"])
def test_a_trace_is_not_begun_at_another_place(proxied: Running, experiment: str, how: str, s3: S3Server) -> None:
    name = unique("tr")
    if how == "old":
        tags = [{"key": key, "value": value} for key, value in SYSTEM_TAGS.items() if "artifact" not in key]
        begun = made(proxied, "/traces", ADA, experiment_id=experiment, timestamp_ms=1, request_metadata=[], tags=tags)
        name = begun["trace_info"]["request_id"]
        made_again: dict[str, Any] = {"timestamp_ms": 2, "status": "OK", "request_metadata": [], "tags": tags}
        assert say(proxied, f"/traces/{name}", ADA, "PATCH", **made_again).status == 200
    else:
        if how == "again":
            made(proxied, "/traces", ADA, api=NEWER, **trace(experiment, name))
        begun = made(proxied, "/traces", ADA, api=NEWER, **trace(experiment, name, **SYSTEM_TAGS))
        assert begun["trace"]["trace_info"]["tags"]["mlflow.artifactLocation"].startswith("mlflow-artifacts:/")

    s3.client().put_object(Bucket="others", Key="traces/traces.pb", Body=SECRET)
    known = say(proxied, f"/traces/{name}", ADA, "GET", NEWER).text
    assert "others" not in known
    gone = say(proxied, "/traces/delete-traces", ADA, experiment_id=experiment, request_ids=[name])
    assert gone.status == 200, gone.text
    assert "traces/traces.pb" in s3.object_names("others")


@pytest.mark.parametrize("name", ["../../1/traces/x", "..", "a/b", "a%2fb", "a\\b", "."])
def test_a_trace_has_no_name_that_leads_elsewhere(proxied: Running, experiment: str, name: str) -> None:
    answer = say(proxied, "/traces", ADA, api=NEWER, **trace(experiment, name))

    assert answer.status == 400, answer.text


@pytest.mark.parametrize("location", ["file:///etc", "/etc", "s3://others/x", "etc", "mlflow-artifacts:/../x"])
def test_without_users_everybody_keeps_artifacts_under_the_root(opened: Running, location: str) -> None:
    for api in (API, "/ajax-api/2.0/mlflow"):
        answer = say(
            opened, "/experiments/create", None, api=f"/mlflow{api}", name=unique("x"), artifact_location=location
        )
        assert answer.status in {400, 403}, answer.text


@shows("artifactRoot.allowedLocations")
def test_the_values_allow_more(opened: Running) -> None:
    shared = f"file://{opened.data.parent}/shared/team"
    made(opened, "/experiments/create", None, api=f"/mlflow{API}", name=unique("x"), artifact_location=shared)
