"""The CronJob and Jobs that back up and restore, and their claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.chart.rendering import KEPT, require_restricted
from tests.effects import shows
from tests.unit.values.cases import AUTH, AUTH_POSTGRES, LDAP, MYSQL, POSTGRES, S3

if TYPE_CHECKING:
    from tests.chart.conftest import Render
    from tests.chart.rendering import Objects

ON = {"backup.enabled": True}
SELECTORS = {"app", "app.kubernetes.io/name", "app.kubernetes.io/instance"}


def template(thing: dict[str, Any]) -> dict[str, Any]:
    """The pod's template of a CronJob or a Job."""
    job = thing["spec"]["jobTemplate"] if thing["kind"] == "CronJob" else thing
    found: dict[str, Any] = job["spec"]["template"]
    return found


def containers(thing: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All containers by name, in their order."""
    spec = template(thing)["spec"]
    return {each["name"]: each for each in (*spec["initContainers"], *spec["containers"])}


def volumes(thing: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in template(thing)["spec"]["volumes"]}


def workloads(objects: Objects) -> list[dict[str, Any]]:
    return [*objects.of("CronJob"), *objects.of("Job")]


def restoring(objects: Objects) -> dict[str, Any]:
    (found,) = (each for each in objects.of("Job") if "-restore-" in each["metadata"]["name"])
    return found


def test_nothing_is_backed_up_unless_asked_for(render: Render) -> None:
    assert workloads(render()) == []


@shows("backup.enabled", "backup.schedule", "backup.retention", "backup.resources")
def test_a_cron_job_backs_up_by_the_schedule_and_a_job_at_once(render: Render) -> None:
    resources = {"requests": {"cpu": "1", "memory": "1Gi"}}
    objects = render({**ON, "backup.schedule": "@hourly", "backup.retention": 3, "backup.resources": resources})
    cron = objects.one("CronJob", "demo-mlflow-backup")
    job = objects.one("Job")

    assert cron["spec"]["schedule"] == "@hourly"
    assert cron["spec"]["concurrencyPolicy"] == "Forbid"
    assert containers(cron)["finish"]["args"][-4:] == ["--keep", "3", "--step", "finish"]
    assert [each["resources"] for each in containers(cron).values()] == [resources] * 2
    assert template(cron)["spec"]["containers"] == template(job)["spec"]["containers"]
    assert containers(job)["begin"]["args"][-4:] == ["--patience", "3600", "--step", "begin"]
    assert objects.pod_values["backup"] == {"enabled": True, "restore": ""}


@pytest.mark.parametrize(
    ("values", "images"),
    [
        ({}, {}),
        (POSTGRES, {"tracking": "postgres:17"}),
        (MYSQL, {"tracking": "mysql:9"}),
        ({**POSTGRES, **AUTH}, {"tracking": "postgres:17"}),
        ({**AUTH, **AUTH_POSTGRES}, {"auth": "postgres:17"}),
        ({**MYSQL, **LDAP, **AUTH_POSTGRES}, {"tracking": "mysql:9", "auth": "postgres:17"}),
        ({**POSTGRES, **LDAP}, {"tracking": "postgres:17"}),
    ],
    ids=lambda value: ",".join(value)[-60:],
)
def test_each_database_is_dumped_by_an_image_of_its_kind(
    render: Render, values: dict[str, Any], images: dict[str, str]
) -> None:
    cron = render({**ON, **values}).one("CronJob")
    found = {name: each["image"] for name, each in containers(cron).items() if name not in ("begin", "finish")}

    assert found == images
    assert list(containers(cron))[:: len(images) + 1] == ["begin", "finish"]
    for name in images:
        assert containers(cron)[name]["command"] == ["sh", f"/var/lib/flowship-work/{name}.sh"]


@shows("backup.images.postgres", "backup.images.mysql")
def test_the_images_are_the_users(render: Render) -> None:
    for kind, values in {"postgres": POSTGRES, "mysql": MYSQL}.items():
        image = f"registry.example.com/{kind}:1"
        objects = render({**ON, **values, f"backup.images.{kind}": image, "backup.restore": "latest"})

        assert [containers(each)["tracking"]["image"] for each in workloads(objects)] == [image] * 3


def test_the_databases_image_gets_no_values_and_no_variable(render: Render) -> None:
    mounts = [{"name": "certificates", "mountPath": "/certs"}]
    own = {"extraVolumes": [{"name": "certificates", "configMap": {"name": "ca"}}], "extraVolumeMounts": mounts}
    for each in workloads(render({**ON, **POSTGRES, **own, "backup.restore": "latest"})):
        container = containers(each)["tracking"]

        assert container.keys() & {"env", "envFrom"} == set()
        assert {mount["name"] for mount in container["volumeMounts"]} == {
            "flowship-tmp",
            "flowship-work",
            "flowship-backups",
            "certificates",
        }
        assert volumes(each)["flowship-work"]["emptyDir"] == {"medium": "Memory", "sizeLimit": "1Mi"}


@pytest.mark.parametrize("values", [{}, {**POSTGRES, **S3}, {**MYSQL, **AUTH}])
def test_its_pods_are_restricted_and_the_service_does_not_find_them(render: Render, values: dict[str, Any]) -> None:
    objects = render({**ON, **values, "backup.restore": "latest", "podLabels": {"team": "a"}})

    require_restricted(objects)
    assert len(workloads(objects)) == 3
    for each in workloads(objects):
        assert set(template(each)["metadata"]["labels"]) & SELECTORS == set()
        assert template(each)["spec"]["automountServiceAccountToken"] is False


def test_the_data_is_mounted_where_a_sqlite_file_is_in_it_and_only_then(render: Render) -> None:
    sqlite, server = render(ON).one("CronJob"), render({**ON, **POSTGRES}).one("CronJob")
    shared = render({**ON, "persistence.accessMode": "ReadWriteMany"}).one("CronJob")

    assert volumes(sqlite)["flowship-data"]["persistentVolumeClaim"] == {"claimName": "demo-mlflow-data"}
    assert "flowship-data" not in volumes(server)
    (term,) = template(sqlite)["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert set(term["labelSelector"]["matchLabels"]) == SELECTORS
    assert "affinity" not in template(server)["spec"]
    assert "affinity" not in template(shared)["spec"]


def test_sidecars_that_lead_to_the_database_come_first(render: Render) -> None:
    own = [
        {"name": "proxy", "image": "proxy", "restartPolicy": "Always"},
        {"name": "own", "image": "own"},
    ]
    cron = render({**ON, **POSTGRES, "initContainers": own}).one("CronJob")

    assert list(containers(cron)) == ["proxy", "begin", "tracking", "finish"]


@shows(
    "backup.persistence.size",
    "backup.persistence.storageClass",
    "backup.persistence.accessMode",
    "backup.persistence.annotations",
)
def test_the_claim_is_the_users_and_outlives_the_release(render: Render) -> None:
    persistence = {"size": "5Gi", "storageClass": "fast", "accessMode": "ReadWriteMany", "annotations": {"a": "b"}}
    default = render(ON).one("PersistentVolumeClaim", "demo-mlflow-backups")
    own = render({**ON, "backup.persistence": persistence}).one("PersistentVolumeClaim", "demo-mlflow-backups")

    assert default["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
    assert own["spec"] == {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    assert own["metadata"]["annotations"] == {"a": "b", **KEPT}


@shows("backup.persistence.existingClaim")
def test_a_claim_of_the_users_own_is_used_instead(render: Render) -> None:
    objects = render({**ON, **POSTGRES, **S3, "backup.persistence.existingClaim": "old", "backup.restore": "latest"})

    assert objects.of("PersistentVolumeClaim") == []
    for each in workloads(objects):
        assert volumes(each)["flowship-backups"]["persistentVolumeClaim"] == {"claimName": "old"}


@shows("backup.objectStore")
def test_an_object_store_takes_the_place_of_the_claim(render: Render) -> None:
    values = {**POSTGRES, **S3, "backup.objectStore": "s3://safe/backups", "backup.restore": "latest"}
    objects = render({**ON, **values})

    assert objects.of("PersistentVolumeClaim") == []
    for each in workloads(objects):
        assert volumes(each)["flowship-backups"]["emptyDir"] == {}
        for step in ("begin", "finish"):
            assert "s3://safe/backups" in containers(each)[step]["args"]


@shows("backup.restore")
def test_a_job_restores_and_the_server_knows_what_it_waits_for(render: Render) -> None:
    name = "2026-01-31T03-17-00Z"
    objects = render({**ON, **POSTGRES, "backup.restore": name})
    steps = containers(restoring(objects))

    assert steps["begin"]["args"][:2] == steps["finish"]["args"][:2] == ["restore", name]
    assert list(steps) == ["begin", "tracking", "finish"]
    assert objects.pod_values["backup"] == {"enabled": True, "restore": name}


def test_a_job_has_another_name_when_it_changes(render: Render) -> None:
    """Kubernetes lets nobody change the pod of a Job."""
    values = {**ON, **POSTGRES, "backup.restore": "latest"}
    first, same, other = (render({**values, "image.tag": tag}) for tag in ("1", "1", "2"))

    assert first.names == same.names
    assert len({each["metadata"]["name"] for some in (first, other) for each in some.of("Job")}) == 4


def test_long_names_leave_room_for_those_of_jobs(render: Render) -> None:
    objects = render({**ON, "fullnameOverride": "a" * 63, "backup.restore": "latest"})

    assert len(objects.one("CronJob")["metadata"]["name"]) <= 52
    assert all(len(each["metadata"]["name"]) <= 63 for each in workloads(objects))


def test_the_notes_name_what_is_not_covered(render: Render) -> None:
    """The notes are what Helm prints, so the template is read as it stands."""
    from tests.chart.rendering import CHART

    notes = (CHART / "templates" / "NOTES.txt").read_text()

    assert "Artifacts are not part of them." in notes


@shows("backup.secretName")
def test_only_pods_that_back_up_and_restore_get_the_credentials_of_the_backups(render: Render) -> None:
    own = {"prefix": "FLOWSHIP_BACKUP_", "secretRef": {"name": "backup-keys"}}
    objects = render(
        {
            **ON,
            **S3,
            "backup.objectStore": "s3://backups",
            "backup.secretName": "backup-keys",
            "backup.restore": "latest",
        }
    )

    for workload in workloads(objects):
        found = containers(workload)
        assert [own in found[step].get("envFrom", []) for step in ("begin", "finish")] == [True, True]
    server = template(objects.one("Deployment"))["spec"]
    steps = (*server.get("initContainers", []), *server["containers"])
    assert not [each for each in steps if own in each.get("envFrom", [])]
