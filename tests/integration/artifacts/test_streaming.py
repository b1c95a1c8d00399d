"""Each kind of store, read and written piece by piece, by the clients that MLflow makes for it."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import FlexibleChecksumError
from mlflow.exceptions import MlflowException

from flowship.artifacts.streaming.opening import store_of
from flowship.artifacts.streaming.store import CHUNK, PART, MissingError, Span
from flowship.mlflow_seams.artifacts.clients import artifact_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from flowship.artifacts.streaming.store import Reader, Store
    from tests.integration.servers.azure import AzureServer
    from tests.integration.servers.gcs import GcsServer
    from tests.integration.servers.s3 import S3Server

NAME = "streamed"
LARGE = 2 * PART + 12_345
SIZES = [0, 1, PART, LARGE]


@pytest.fixture(scope="module", params=["disk", "s3", "gcs", "azure"])
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """MLflow's client of a store of each kind."""
    with pytest.MonkeyPatch.context() as patch:

        def made(uri: str, environ: Mapping[str, str]) -> Any:
            for name, value in environ.items():
                patch.setenv(name, value)
            return artifact_repository(uri)

        if request.param == "disk":
            yield made(tmp_path_factory.mktemp("disk").as_uri(), {})
        elif request.param == "s3":
            s3: S3Server = request.getfixturevalue("s3")
            s3.create_bucket(NAME)
            yield made(f"s3://{NAME}/a/b", s3.client_environment())
        elif request.param == "gcs":
            gcs: GcsServer = request.getfixturevalue("gcs")
            gcs.create_bucket(NAME)
            yield made(f"gs://{NAME}/a/b", gcs.client_environment())
        else:
            azure: AzureServer = request.getfixturevalue("azure")
            azure.create_container(NAME)
            yield made(azure.artifact_uri(NAME, "a/b"), azure.client_environment())


@pytest.fixture
def store(repository: Any) -> Store:
    return store_of(repository)


@pytest.fixture
def path() -> str:
    return f"1/{secrets.token_hex(4)} ä+&.bin"


def write(store: Store, path: str, data: bytes, size: int | None = None) -> None:
    writer = store.write(path, size)
    for start in range(0, len(data), 1 << 20):
        writer.write(data[start : start + (1 << 20)])
    writer.finish()


def read(reader: Reader) -> bytes:
    try:
        return b"".join(iter(reader.read, b""))
    finally:
        reader.close()


@pytest.mark.parametrize("size", SIZES)
def test_what_is_written_is_read_by_mlflow_and_piece_by_piece(
    repository: Any, store: Store, path: str, size: int, tmp_path: Path
) -> None:
    data = os.urandom(size)
    write(store, path, data, size)

    assert read(store.read(path)) == data
    reader = store.read(path)
    reader.close()
    assert reader.facts == store.look(path)
    assert store.look(path).size == size
    repository.download_artifacts(path, str(tmp_path))
    assert (tmp_path / path).read_bytes() == data


def test_what_mlflow_writes_is_read(repository: Any, store: Store, tmp_path: Path) -> None:
    data = os.urandom(LARGE)
    (tmp_path / "of-mlflow.bin").write_bytes(data)
    repository.log_artifact(str(tmp_path / "of-mlflow.bin"), "2")

    assert read(store.read("2/of-mlflow.bin")) == data


def test_a_range_is_read_alone(store: Store, path: str) -> None:
    data = os.urandom(LARGE)
    write(store, path, data)
    found = store.look(path)

    for span in (Span(0, 1), Span(PART - 1, PART + 1), Span(LARGE - 3, LARGE), Span(0, LARGE)):
        assert read(store.read(path, found, span)) == data[span.start : span.stop]


def test_what_replaced_a_file_is_another_version_of_it(store: Store, path: str) -> None:
    write(store, path, b"first")
    first = store.look(path)
    write(store, path, b"second")

    assert store.look(path).etag != first.etag
    assert read(store.read(path)) == b"second"


def test_a_file_that_is_not_there_is_missing(store: Store, path: str) -> None:
    write(store, path, b"x")

    for missing in ("nothing", path.rpartition("/")[0]):
        for ask in (store.look, store.read):
            with pytest.raises((MissingError, MlflowException), match=r"nothing|1"):
                ask(missing)


@pytest.mark.parametrize("size", [5, LARGE])
def test_nothing_is_left_of_an_upload_that_was_given_up(
    repository: Any, store: Store, path: str, size: int, s3: S3Server
) -> None:
    writer = store.write(path, LARGE)
    writer.write(b"x" * size)
    writer.abort()

    assert path not in [info.path for info in repository.list_artifacts("1")]
    assert (
        "Uploads" not in s3.client().list_multipart_uploads(Bucket=NAME) if "s3:" in repository.artifact_uri else True
    )


def test_a_reader_that_is_closed_early_ends_the_read(store: Store, path: str) -> None:
    write(store, path, os.urandom(LARGE))
    reader = store.read(path)
    assert reader.read()
    reader.close()

    assert read(store.read(path))[:1] != b""  # the client can be used again


@pytest.mark.parametrize("size", [5, 3 * CHUNK])
def test_a_damaged_object_of_s3_never_arrives_whole(s3: S3Server, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    for name, value in s3.client_environment().items():
        monkeypatch.setenv(name, value)
    bucket = f"damaged-{size}"
    s3.create_bucket(bucket)
    store = store_of(artifact_repository(f"s3://{bucket}"))
    write(store, "a.bin", bytes(size))
    (s3.directory / "buckets" / bucket / "a.bin").write_bytes(bytes(size - 1) + b"1")
    reader, arrived = store.read("a.bin"), list[bytes]()

    with pytest.raises(FlexibleChecksumError):
        arrived.extend(iter(reader.read, b""))

    assert len(b"".join(arrived)) < size
    reader.close()
