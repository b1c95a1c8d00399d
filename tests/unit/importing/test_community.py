from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from flowship.importing.community import BITNAMI, MOVED, OLD_IMAGE
from flowship.importing.conversion import Imported, imported
from flowship.importing.recognition import CHARTS
from flowship.importing.table import SUPERSEDED

if TYPE_CHECKING:
    from tests.unit.importing.conftest import Official


def successor(**values: Any) -> Imported:
    return imported(CHARTS["1.11.5"], {"service": {"port": 80}, **values})


@pytest.mark.parametrize(
    "values",
    [
        {"strategy": {"type": "RollingUpdate"}},
        {"serviceAccount": {"automount": True}},
        {"backendStore": {"databaseMigration": False}},
        {"livenessProbe": {"initialDelaySeconds": 10, "periodSeconds": 30, "timeoutSeconds": 3, "failureThreshold": 5}},
    ],
)
def test_a_default_that_flowship_changed_is_left_to_it(seed: Official, values: dict[str, Any]) -> None:
    result = seed(**values)

    assert (result.complete, result.values) == (True, {})
    assert [note.sentence for note in result.remarks] == [SUPERSEDED]


def test_what_differs_from_the_old_default_stays(seed: Official) -> None:
    result = seed(strategy={"type": "Recreate"}, readinessProbe={"periodSeconds": 30, "timeoutSeconds": 9})

    assert result.values == {"strategy": {"type": "Recreate"}, "readinessProbe": {"timeoutSeconds": 9}}


@pytest.mark.parametrize("image", [{"repository": "registry.example.com/burakince/mlflow"}, {"digest": "sha256:0"}])
def test_another_image_must_be_chosen_anew(image: dict[str, str]) -> None:
    result = successor(image=image)

    assert [note.sentence for note in result.left_out] == [OLD_IMAGE]


@pytest.mark.parametrize("section", ["postgresql", "mysql"])
def test_keys_of_bitnami_matter_where_its_database_is_installed(seed: Official, section: str) -> None:
    keys: dict[str, Any] = {"metrics": {"enabled": True}, "image": {"tag": "16"}, "auth": {"database": "runs"}}

    on, off = seed(**{section: {"enabled": True, **keys}}), seed(**{section: {"enabled": False, **keys}})

    assert [(note.key, note.sentence) for note in on.left_out] == [
        (f"{section}.metrics.enabled", BITNAMI),
        (f"{section}.image.tag", BITNAMI),
    ]
    assert on.values == {section: {"enabled": True, "auth": {"database": "runs"}}}
    assert off.complete


@pytest.mark.parametrize("section", ["postgresql", "mysql"])
def test_what_moves_the_data_of_a_database_is_said(seed: Official, section: str) -> None:
    on, off = seed(**{section: {"enabled": True}}), seed(**{section: {"enabled": False}})

    assert [(note.key, note.sentence) for note in on.remarks] == [(f"{section}.enabled", MOVED.format(section=section))]
    assert on.complete
    assert off.remarks == ()


def test_a_replicated_database_has_no_equal(seed: Official) -> None:
    result = seed(postgresql={"enabled": True, "architecture": "replication"})

    assert [note.key for note in result.left_out] == ["postgresql.architecture"]
    assert result.values == {"postgresql": {"enabled": True}}


def test_what_flowship_does_not_install_matters_where_it_is_enabled() -> None:
    keys = {"image": {"tag": "a"}, "rootPassword": "hunter2-hunter2"}

    assert successor(minio={"enabled": False, **keys}).complete
    left_out = successor(minio={"enabled": True, **keys}).left_out
    assert [note.key for note in left_out] == ["minio.enabled", "minio.image.tag", "minio.rootPassword"]


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (
            {"auth": {"existingAdminSecret": {"name": "admin"}, "adminUsername": "a", "adminPassword": "b"}},
            {"auth": {"existingAdminSecret": {"name": "admin"}}},
        ),
        (
            {
                "artifactRoot": {
                    "s3": {"existingSecret": {"name": "s3"}, "awsAccessKeyId": "a", "awsSecretAccessKey": "b"}
                }
            },
            {"artifactRoot": {"s3": {"existingSecret": {"name": "s3"}}}},
        ),
    ],
)
def test_what_a_secret_stood_for_is_left_out(values: dict[str, Any], kept: dict[str, Any]) -> None:
    result = successor(**values)

    assert result.left_out == ()
    assert result.values == {"service": {"port": 80}, **kept}


def test_a_directory_for_artifacts_counts_without_a_store_only() -> None:
    directory, store = {"defaultArtifactRoot": "/mnt/runs"}, {"s3": {"enabled": True, "bucket": "runs"}}

    assert [note.key for note in successor(artifactRoot=directory).left_out] == ["artifactRoot.defaultArtifactRoot"]
    assert successor(artifactRoot={**directory, **store}).complete
    assert successor(artifactRoot={"defaultArtifactsDestination": "/mnt/runs"}).complete


@pytest.mark.parametrize("value", [["kind: ConfigMap"], [{"kind": "ConfigMap", "data": {"a": "{{ b }}"}}], "a"])
def test_a_template_among_extra_objects_must_be_written_out(value: object) -> None:
    assert [note.key for note in successor(extraDeploy=value).left_out] == ["extraDeploy"]


def test_values_for_every_subchart_have_no_equal(seed: Official) -> None:
    assert [note.key for note in seed(**{"global": {"imageRegistry": "registry.example.com"}}).left_out] == ["global"]
    assert seed(**{"global": {}}).complete
