"""Artifacts are copied from store to store, and the stock client finds them at their new addresses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from mlflow import MlflowClient

from flowship.database.url import sqlite_url
from tests.integration.artifacts.conftest import azure_values, s3_values
from tests.integration.flowship import run, write_values

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.servers.azure import AzureServer
    from tests.integration.servers.s3 import S3Server

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow's own, of whose store the client is here: no server is needed to read back."""

FILES = {"empty.txt": b"", "a b/ü+ 100%.bin": bytes(range(256)) * 40_000, "a b/deep/er/x.json": b"{}"}


def client(data: Path) -> MlflowClient:
    return MlflowClient(sqlite_url(data / "mlflow.db").render_as_string())


def content(found: MlflowClient, run_id: str, target: Path) -> dict[str, bytes]:
    """All files of a run, as the client downloads them."""
    target.mkdir()
    folder = found.download_artifacts(run_id, "", str(target))
    root = target if folder is None else type(target)(folder)
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_artifacts_go_from_disk_to_s3_and_on_to_azure(
    tmp_path: Path, s3: S3Server, azure: AzureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = f"moved-{tmp_path.name[-8:].strip('-_').lower().replace('_', '-')}"
    s3.create_bucket(bucket)
    azure.create_container(bucket)
    data = {name: tmp_path / name for name in ("disk", "s3", "azure", "back")}
    values = {
        "disk": {},
        "s3": s3_values(s3, bucket, proxiedArtifactStorage=False, s3={"path": "below"}),
        "azure": azure_values(azure, bucket, {"accessKey": azure.access_key}, proxiedArtifactStorage=True),
        "back": {},
    }
    files = {name: str(write_values(tmp_path / f"{name}.yaml", each)) for name, each in values.items()}
    run_id = _logged(data["disk"], tmp_path)

    quoted = data["disk"] / "artifacts" / "1" / "not-unquoted-%41.txt"
    quoted.write_bytes(b"as it is")

    assert _moved("disk", "s3", files, data)["artifacts"]["files"] == len(FILES) + 1
    assert "below/1/not-unquoted-%41.txt" in s3.object_names(bucket)
    for name, value in s3.client_environment().items():
        monkeypatch.setenv(name, value)
    found = client(data["s3"])
    assert found.get_run(run_id).info.artifact_uri.startswith(f"s3://{bucket}/below/")
    assert content(found, run_id, tmp_path / "from-s3") == FILES

    moved = _moved("s3", "azure", files, data)
    assert moved["artifacts"]["octets"] == sum(map(len, FILES.values())) + quoted.stat().st_size
    assert client(data["azure"]).get_run(run_id).info.artifact_uri == f"mlflow-artifacts:/1/{run_id}/artifacts"

    # In the root of a container, where MLflow's own listing finds nothing.
    assert _moved("azure", "back", files, data)["artifacts"]["files"] == len(FILES) + 1
    back = data["back"] / "artifacts" / "1" / run_id / "artifacts"
    assert {str(file.relative_to(back)): file.read_bytes() for file in back.rglob("*") if file.is_file()} == FILES

    again = run("move", *_arguments("s3", "azure", files, data))
    assert again.returncode == 1
    assert "is not empty: there are rows in experiments, runs, tags." in again.stderr


def _logged(data: Path, directory: Path) -> str:
    """Log a run with files to a directory of its own."""
    data.mkdir()
    done = run("migrate", "-f", str(write_values(directory / "old.yaml", {})), "--data", str(data))
    assert done.returncode == 0, done.stderr
    logging = client(data)
    experiment = logging.create_experiment("moved", artifact_location=(data / "artifacts" / "1").as_uri())
    run_id: str = logging.create_run(experiment).info.run_id
    for name, written in FILES.items():
        file = directory / "files" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written)
        logging.log_artifact(run_id, str(file), str(file.parent.relative_to(directory / "files")).removeprefix("."))
    return run_id


def _arguments(old: str, new: str, files: dict[str, str], data: dict[str, Path]) -> list[str]:
    sides = ["--from", files[old], "--to", files[new], "--from-data", str(data[old]), "--to-data", str(data[new])]
    return [*sides, "--in-use"]  # this process has read them


def _moved(old: str, new: str, files: dict[str, str], data: dict[str, Path]) -> dict[str, Any]:
    done = run("move", *_arguments(old, new, files, data), "--output", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["same"]
    return found
