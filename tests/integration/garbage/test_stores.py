"""Artifacts in each object store, which MLflow's own client has put there and does not find afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.artifacts.location import ArtifactLocation
from flowship.artifacts.removing.opening import objects_of
from flowship.database.migrating.migrate import migrate
from flowship.database.url import sqlite_url
from flowship.mlflow_seams.artifacts.clients import artifact_repository
from tests.databases import databases_at
from tests.integration.backup.rows import silent
from tests.integration.garbage.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.servers.azure import AzureServer
    from tests.integration.servers.gcs import GcsServer
    from tests.integration.servers.s3 import S3Server

MANY = 1_001
"""One more than S3 lists and removes at once."""


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A database for all stores."""
    url = sqlite_url(tmp_path_factory.mktemp("stores") / "mlflow.db")
    migrate(databases_at(url), upgrade=False, report=silent)
    return World(url, tmp_path_factory.mktemp("unused"))


@pytest.fixture(params=["s3", "azure", "gcs"])
def root(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a bucket or container, whose client finds its credentials."""
    kind: str = request.param
    server: S3Server | AzureServer | GcsServer = request.getfixturevalue(kind)
    for name, value in server.client_environment().items():
        monkeypatch.setenv(name, value)
    bucket = f"garbage-{kind}"
    if kind == "azure":
        request.getfixturevalue("azure").create_container(bucket)
        return str(request.getfixturevalue("azure").artifact_uri(bucket, "team a"))
    request.getfixturevalue(kind).create_bucket(bucket)
    return f"{'s3' if kind == 's3' else 'gs'}://{bucket}/team a"


def put(uri: str, directory: Path, count: int) -> None:
    """Put files there, by MLflow's client."""
    directory.mkdir()
    for number in range(count):
        (directory / f"{number}.txt").write_text("content")
    artifact_repository(uri).log_artifacts(str(directory))


def test_artifacts_go_behind_the_server_and_where_clients_reach_them(emptied: World, root: str, tmp_path: Path) -> None:
    world = emptied
    experiment, direct = world.experiment(), world.experiment()
    run, kept, many = world.run(experiment), world.run(experiment), world.run(direct)
    world.place(many, f"{root}/{direct}/{many}/artifacts")
    count = MANY if root.startswith("s3:") else 3
    put(f"{root}/{experiment}/{run}/artifacts", tmp_path / "run", 2)
    put(f"{root}/{experiment}/{kept}/artifacts", tmp_path / "kept", 1)
    put(f"{root}/{direct}/{many}/artifacts", tmp_path / "many", count)
    put(f"{root}/{experiment}/{run}0/artifacts", tmp_path / "neighbour", 1)
    for each in (run, many):
        world.store.delete_run(each)
    world.long_ago()

    report = world.collect(at=ArtifactLocation(root, proxied=True))

    assert report.failed == []
    assert {thing.id: (thing.objects, thing.bytes) for thing in report.things} == {
        run: (2, 14),
        many: (count, 7 * count),
    }
    assert artifact_repository(f"{root}/{experiment}/{run}/artifacts").list_artifacts() == []
    assert artifact_repository(f"{root}/{direct}/{many}/artifacts").list_artifacts() == []
    assert len(artifact_repository(f"{root}/{experiment}/{kept}/artifacts").list_artifacts()) == 1
    assert len(artifact_repository(f"{root}/{experiment}/{run}0/artifacts").list_artifacts()) == 1


def test_a_store_that_is_away_is_told_and_what_is_in_it_can_be_restored(
    emptied: World, s3: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in s3.client_environment().items():
        monkeypatch.setenv(name, value)
    s3.create_bucket("there")
    experiment = emptied.experiment()
    lost = [emptied.run(experiment) for _ in range(5)]
    fine = emptied.run(experiment)
    put(f"s3://there/{experiment}/{fine}/artifacts", tmp_path / "fine", 1)
    for each in lost:
        emptied.place(each, f"s3://not-there/{experiment}/{each}/artifacts")
    for each in (*lost, fine):
        emptied.store.delete_run(each)
    emptied.long_ago()

    report = emptied.collect(at=ArtifactLocation("s3://there", proxied=True, key="artifactRoot.s3"))

    assert [thing.id for thing in report.things] == [fine]
    assert sorted(note.id for note in report.failed) == sorted(lost)
    assert all("s3://not-there" in note.why and "NoSuchBucket" in note.why for note in report.failed)
    assert emptied.scalars("SELECT COUNT(*) FROM flowship_removals") == [0]
    emptied.execute("UPDATE runs SET lifecycle_stage = 'active'")


def test_on_disk_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep" / "precious").write_text("precious")
    folder.mkdir()
    (folder / "to-directory").symlink_to(outside)
    (folder / "to-file").symlink_to(outside / "deep" / "precious")
    disk = objects_of("file://")

    for page in disk.pages(str(folder)):
        disk.remove(page)
    disk.tidy(str(folder))

    assert not folder.exists()
    assert (outside / "deep" / "precious").read_text() == "precious"
