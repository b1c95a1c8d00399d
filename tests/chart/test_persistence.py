"""The claim of the data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.chart.rendering import KEPT
from tests.effects import shows
from tests.unit.values.cases import AUTH, AUTH_POSTGRES, LDAP, MYSQL, POSTGRES, S3

if TYPE_CHECKING:
    from tests.chart.conftest import Render


def data_volume(objects: Any) -> dict[str, Any]:
    (found,) = (each for each in objects.pod["volumes"] if each["name"] == "flowship-data")
    del found["name"]
    result: dict[str, Any] = found
    return result


CLAIM = {"persistentVolumeClaim": {"claimName": "demo-mlflow-data"}}
NONE: dict[str, Any] = {"emptyDir": {}}
VOLUME = {
    "extraVolumes": [{"name": "old", "persistentVolumeClaim": {"claimName": "old"}}],
    "extraVolumeMounts": [{"name": "old", "mountPath": "/volumes"}],
}


@pytest.mark.parametrize(
    ("values", "volume"),
    [
        ({}, CLAIM),
        (POSTGRES, CLAIM),
        (S3, CLAIM),
        ({**POSTGRES, **S3}, NONE),
        ({**POSTGRES, **S3, **AUTH}, CLAIM),
        ({**POSTGRES, **S3, **AUTH, **AUTH_POSTGRES}, NONE),
        ({**POSTGRES, **S3, **LDAP}, NONE),
        ({**MYSQL, **S3, **LDAP}, CLAIM),
        ({**MYSQL, **S3, **LDAP, **AUTH_POSTGRES}, NONE),
        ({**POSTGRES, **S3, **AUTH, "auth.sqliteFullPath": "/var/lib/flowship/users"}, CLAIM),
        ({**POSTGRES, **S3, **AUTH, "auth.sqliteFullPath": "/volumes/auth", **VOLUME}, NONE),
    ],
    ids=lambda value: ",".join(value)[-70:],
)
@shows("auth.sqliteFullPath")
def test_there_is_a_claim_when_files_are_kept_and_only_then(
    render: Render, values: dict[str, Any], volume: dict[str, Any]
) -> None:
    objects = render(values)

    assert data_volume(objects) == volume
    assert bool(objects.of("PersistentVolumeClaim")) is (volume is CLAIM)


@shows("persistence.size", "persistence.storageClass", "persistence.accessMode", "persistence.annotations")
def test_the_claim_is_the_users_and_outlives_the_release(render: Render) -> None:
    persistence = {"size": "5Gi", "storageClass": "fast", "accessMode": "ReadWriteMany", "annotations": {"a": "b"}}
    default = render().one("PersistentVolumeClaim")
    own = render({"persistence": persistence}).one("PersistentVolumeClaim")

    assert default["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
    assert own["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    assert own["metadata"]["annotations"] == {"a": "b", **KEPT}
    assert render({"persistence.storageClass": "-"}).one("PersistentVolumeClaim")["spec"]["storageClassName"] == ""


@shows("persistence.existingClaim")
def test_a_claim_of_the_users_own_is_mounted_even_when_nothing_new_goes_there(render: Render) -> None:
    for values in ({}, {**POSTGRES, **S3}):
        objects = render({**values, "persistence.existingClaim": "old"})

        assert data_volume(objects) == {"persistentVolumeClaim": {"claimName": "old"}}
        assert objects.of("PersistentVolumeClaim") == []
        assert objects.one("Deployment")["spec"]["strategy"]["type"] == "Recreate"
