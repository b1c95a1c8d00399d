from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from flowship.artifacts.location import ArtifactLocation, artifact_location
from flowship.values.model.root import Values

STORES = {
    "s3": ({"bucket": "b"}, "s3://b"),
    "gcs": ({"bucket": "b"}, "gs://b"),
    "azureBlob": ({"container": "c", "storageAccount": "acct"}, "wasbs://c@acct.blob.core.windows.net"),
}


def location(root: dict[str, Any], data: Path = Path("/data")) -> ArtifactLocation:
    return artifact_location(Values.model_validate({"artifactRoot": root}), data)


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize(
    ("path", "below"),
    [
        ("", ""),
        ("/", ""),
        ("//", ""),
        ("team", "/team"),
        ("/team", "/team"),
        ("team/", "/team"),
        ("/team/", "/team"),
        ("//team//", "/team"),
        ("team-a/mlflow", "/team-a/mlflow"),
        ("/team a/mlflöw 100%/", "/team a/mlflöw 100%"),
    ],
)
def test_slashes_at_the_ends_of_the_path_do_not_matter(store: str, path: str, below: str) -> None:
    names, root = STORES[store]

    assert location({store: {"enabled": True, "path": path, **names}}).uri == f"{root}{below}"


@pytest.mark.parametrize(
    ("path", "old"),
    [("", "s3://b/"), ("/", "s3://b//"), ("team/", "s3://b/team/"), ("/team", "s3://b//team"), ("a//b", "s3://b/a//b")],
)
def test_the_root_of_the_old_chart_is_known(path: str, old: str) -> None:
    assert location({"s3": {"enabled": True, "bucket": "b", "path": path}}).old_uri == old


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("proxied", [True, False])
def test_a_store_is_behind_the_server_when_the_values_say_so(store: str, proxied: bool) -> None:
    names, root = STORES[store]

    found = location({"proxiedArtifactStorage": proxied, store: {"enabled": True, **names}})

    assert found == ArtifactLocation(root, proxied, f"artifactRoot.{store}")


@pytest.mark.parametrize("proxied", [True, False])
def test_the_data_directory_is_always_behind_the_server(proxied: bool) -> None:
    assert location({"proxiedArtifactStorage": proxied}) == ArtifactLocation("file:///data/artifacts", True)


def test_a_store_that_is_not_enabled_is_not_used() -> None:
    assert location({"s3": {"bucket": "b"}}).uri == "file:///data/artifacts"


def test_the_data_directory_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert location({}, Path("data")).uri == (tmp_path / "data" / "artifacts").as_uri()


@pytest.mark.parametrize("name", ["two words", "100%", "a#b", "a?b", "é", "%41", "a+b"])
def test_any_character_of_the_data_directory_survives(name: str) -> None:
    uri = location({}, Path("/srv") / name).uri

    assert url2pathname(urlsplit(uri).path) == os.fspath(Path("/srv") / name / "artifacts")
