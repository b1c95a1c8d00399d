from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.importing.conftest import Official


def test_its_service_monitor_stays_in_the_releases_namespace_without_labels_of_its_own(official: Official) -> None:
    result = official(serviceMonitor={"enabled": True})

    assert result.complete
    assert result.values == {"serviceMonitor": {"enabled": True, "namespace": "", "labels": {"release": None}}}
    assert official(serviceMonitor={"enabled": False}).values == {"serviceMonitor": {"enabled": False}}


def test_tls_names_the_secret_where_it_is_enabled(official: Official) -> None:
    assert official(tls={"enabled": True}).values == {"tls": {"secretName": "mlflow-tls"}}
    assert official(tls={"enabled": True, "secretName": "own"}).values == {"tls": {"secretName": "own"}}
    off = official(tls={"enabled": False, "secretName": "own"})
    assert (off.complete, off.values, [note.key for note in off.remarks]) == (True, {}, ["tls.secretName"])


def test_a_claim_becomes_persistence(official: Official) -> None:
    storage = {"enabled": True, "size": "20Gi", "accessMode": "ReadWriteMany", "storageClassName": "fast"}

    result = official(storage=storage)

    assert result.complete
    assert result.values == {"persistence": {"size": "20Gi", "accessMode": "ReadWriteMany", "storageClass": "fast"}}


def test_the_users_of_its_image_are_replaced_and_ones_own_stay(official: Official) -> None:
    result = official(podSecurityContext={"runAsUser": 1000, "fsGroup": 2000}, securityContext={"runAsUser": 2000})

    assert result.values == {"podSecurityContext": {"fsGroup": 2000}, "securityContext": {"runAsUser": 2000}}


def test_garbage_collection_matters_where_it_is_enabled(official: Official) -> None:
    keys = {"schedule": "0 3 * * *", "olderThan": "30d"}

    assert official(garbageCollection={"enabled": False, **keys}).complete
    left_out = official(garbageCollection={"enabled": True, **keys}).left_out
    assert {note.key for note in left_out} == {f"garbageCollection.{key}" for key in ("enabled", *keys)}
    assert "`mlflow gc`" in left_out[0].sentence
