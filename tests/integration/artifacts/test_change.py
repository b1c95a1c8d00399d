"""The values name another place than before: nothing that was logged may become unreadable without a word."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.effects import shows
from tests.integration import client
from tests.integration.artifacts.conftest import s3_values
from tests.integration.flowship import DidNotStart, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.servers.s3 import S3Server


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `logged` is a copy of: making it takes longer than each of the tests."""
    data = tmp_path_factory.mktemp("original") / "data"
    with running({}, data=data) as server:
        client.as_user("log", server.address)
    return data


@pytest.fixture
def logged(original: Path, tmp_path: Path) -> Iterator[Path]:
    """A data directory with runs whose artifacts are in it; nobody has moved it, since it stays where it was made."""
    kept = tmp_path / "kept"
    shutil.copytree(original, kept, symlinks=True)
    yield original
    shutil.rmtree(original, ignore_errors=True)
    kept.rename(original)


@shows("artifactRoot.movedFrom")
def test_from_the_data_directory_to_a_store_behind_the_server_asks_for_a_copy_and_takes_it(
    s3: S3Server, logged: Path
) -> None:
    s3.create_bucket("moved-here")
    old_place = (logged / "artifacts").as_uri()

    with (
        pytest.raises(DidNotStart) as refused,
        running(s3_values(s3, "moved-here", proxiedArtifactStorage=True), data=logged),
    ):
        pass
    assert refused.value.status == 1
    assert f"and then write artifactRoot.movedFrom: {old_place}" in refused.value.log

    for file in (path for path in (logged / "artifacts").rglob("*") if path.is_file()):
        s3.client().upload_file(str(file), "moved-here", str(file.relative_to(logged / "artifacts")))
    shutil.rmtree(logged / "artifacts")
    with running(s3_values(s3, "moved-here", proxiedArtifactStorage=True, movedFrom=old_place), data=logged) as server:
        assert client.as_user("read", server.address) == client.LOGGED


def test_from_the_data_directory_to_a_store_that_clients_reach_themselves_keeps_both(
    s3: S3Server, logged: Path
) -> None:
    s3.create_bucket("direct-now")

    with running(s3_values(s3, "direct-now"), data=logged) as server:
        assert client.as_user("read", server.address) == client.LOGGED
        assert "1 experiment keeps its artifacts behind the server" in server.log()
        client.as_user("log_another", server.address, s3.client_environment())
        assert client.as_user("read", server.address) == client.LOGGED

    assert any("another" in name for name in s3.object_names("direct-now"))


def test_a_data_directory_that_is_moved_as_a_whole_is_found(logged: Path, tmp_path: Path) -> None:
    logged.rename(tmp_path / "elsewhere")

    with running({}, data=tmp_path / "elsewhere") as server:
        assert client.as_user("read", server.address) == client.LOGGED
