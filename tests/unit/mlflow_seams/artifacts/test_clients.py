"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
import os
from pathlib import Path
from typing import Any

import pytest

from flowship.mlflow_seams.artifacts import clients as mlflow_artifacts


def signature(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_an_artifact_repository_lists_writes_reads_and_deletes(tmp_path: Path) -> None:
    file = tmp_path / "dump.gz"
    file.write_bytes(b"dump")
    repository = mlflow_artifacts.artifact_repository((tmp_path / "store").as_uri())
    repository.log_artifact(str(file), "a")

    assert [(info.path, info.is_dir) for info in repository.list_artifacts()] == [("a", True)]
    assert [(info.path, info.file_size) for info in repository.list_artifacts("a")] == [("a/dump.gz", 4)]
    assert Path(repository.download_artifacts("a/dump.gz", str(tmp_path))).read_bytes() == b"dump"
    repository.delete_artifacts("a")
    assert repository.list_artifacts() == []


CLIENTS = {
    "file:///a": "disk",
    "/a": "disk",
    "s3://bucket/a": "s3",
    "gs://bucket/a": "gcs",
    "wasbs://box@account.blob.core.windows.net/a": "azure",
    "hdfs://host/a": None,
    "r2://bucket@account.r2.cloudflarestorage.com/a": None,
}


def test_the_kind_of_a_client_is_known_by_its_class_and_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCESS_KEY", "a2V5")
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")

    assert {uri: mlflow_artifacts.kind_of_uri(uri) for uri in CLIENTS} == CLIENTS
    for uri, kind in CLIENTS.items():
        if kind and not uri.startswith("gs:"):  # which asks for credentials
            assert mlflow_artifacts.kind(mlflow_artifacts.artifact_repository(uri)) == kind


def test_a_client_derived_from_a_known_one_is_not_known() -> None:
    from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

    class Other(S3ArtifactRepository):  # type: ignore[misc]
        pass

    assert mlflow_artifacts.kind(Other("s3://bucket")) is None


def test_clients_tell_where_their_files_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCESS_KEY", "a2V5")
    monkeypatch.setenv("MLFLOW_S3_EXPECTED_BUCKET_OWNER", "42")
    monkeypatch.setenv("MLFLOW_S3_UPLOAD_EXTRA_ARGS", '{"ServerSideEncryption": "AES256"}')
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    repository = mlflow_artifacts.artifact_repository("s3://bucket/a")
    s3 = mlflow_artifacts.in_s3(repository)
    azure = mlflow_artifacts.in_azure(mlflow_artifacts.artifact_repository("wasbs://box@acc.blob.core.windows.net/a"))

    assert (s3.bucket, s3.key("1/b.txt"), s3.options) == ("bucket", "a/1/b.txt", (("ExpectedBucketOwner", "42"),))
    assert s3.client.meta.service_model.service_name == "s3"
    assert (azure.bucket, azure.key("b"), azure.timeout) == ("box", "a/b", 600)
    assert mlflow_artifacts.s3_upload_options(repository, "1/b.tar.gz") == {
        "ContentType": "application/x-tar",
        "ContentEncoding": "gzip",
        "ServerSideEncryption": "AES256",
    }


def test_a_client_of_google_tells_where_its_files_are() -> None:
    from mlflow.store.artifact.gcs_artifact_repo import GCSArtifactRepository

    client = object()
    place = mlflow_artifacts.in_gcs(GCSArtifactRepository("gs://bucket/a", client=client))

    assert (place.client, place.bucket, place.key("b"), place.timeout) == (client, "bucket", "a/b", 60)


def test_a_file_on_disk_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    repository = mlflow_artifacts.artifact_repository(tmp_path.as_uri())
    kept, dropped = (mlflow_artifacts.Staged(repository, path) for path in ("a/kept.txt", "a/dropped.txt"))
    for staged in (kept, dropped):
        os.write(staged.descriptor, b"x")
        os.close(staged.descriptor)
    assert repository.list_artifacts("a") == []
    kept.publish()
    dropped.discard()

    assert [path.name for path in (tmp_path / "a").iterdir()] == ["kept.txt"]
