from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.importing.conftest import Official

STORES: dict[str, dict[str, Any]] = {
    "s3://runs/team/a/": {"s3": {"enabled": True, "bucket": "runs", "path": "team/a"}},
    "gs://runs": {"gcs": {"enabled": True, "bucket": "runs"}},
    "wasbs://runs@account.blob.core.windows.net/a": {
        "azureBlob": {"enabled": True, "container": "runs", "storageAccount": "account", "path": "a"}
    },
}


@pytest.mark.parametrize("uri", STORES)
@pytest.mark.parametrize(("key", "proxied"), [("defaultArtifactRoot", False), ("artifactsDestination", True)])
def test_a_uri_becomes_a_store_that_clients_or_the_server_write_to(
    official: Official, uri: str, key: str, proxied: bool
) -> None:
    result = official(mlflow={key: uri})

    assert result.complete
    assert result.values == {"artifactRoot": {**STORES[uri], "proxiedArtifactStorage": proxied}}


def test_a_root_behind_the_server_goes_with_its_destination(official: Official) -> None:
    result = official(mlflow={"defaultArtifactRoot": "mlflow-artifacts:/", "artifactsDestination": "s3://runs"})

    assert result.complete
    assert result.values["artifactRoot"]["proxiedArtifactStorage"] is True


def test_a_store_both_direct_and_behind_the_server_is_said(official: Official) -> None:
    result = official(mlflow={"defaultArtifactRoot": "s3://runs", "artifactsDestination": "s3://runs"})

    assert [(note.key, note.sentence) for note in result.left_out] == [
        (
            "mlflow.artifactsDestination",
            "contradicts mlflow.defaultArtifactRoot, which was taken. Write artifactRoot.proxiedArtifactStorage "
            "yourself if it is wrong.",
        )
    ]


@pytest.mark.parametrize("uri", ["./mlartifacts", "/mlflow/artifacts", "file:///mlflow/artifacts"])
def test_a_directory_must_be_copied(official: Official, uri: str) -> None:
    result = official(mlflow={"artifactsDestination": uri})

    assert result.values == {}
    assert result.left_out[0].sentence.endswith("Copy them there.")


@pytest.mark.parametrize("uri", ["hdfs://a/b", "abfss://a@b.dfs.core.windows.net", "wasbs://no-account", "s3://[a"])
def test_another_store_is_left_out(official: Official, uri: str) -> None:
    result = official(mlflow={"defaultArtifactRoot": uri})

    assert result.values == {}
    assert result.left_out[0].sentence.startswith("is no place that Flowship keeps artifacts in.")
