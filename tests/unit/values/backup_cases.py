"""Values that break the rules of `backup`; see `cases`."""

from __future__ import annotations

from tests.unit.values.cases import AUTH, AUTH_POSTGRES, AZURE, POSTGRES, S3, Case, case, idle

ON = {"backup.enabled": True}
SCHEDULE = "Write five fields, such as `17 3 * * *`, or `@daily`."
NO_SCHEDULE = f"backup.schedule: is not what a CronJob takes. {SCHEDULE}"
NO_NAME = "backup.restore: is not the name of a backup. Write a name such as `2026-01-31T03-17-00Z`, or `latest`."
NO_ADDRESS = (
    "backup.objectStore: is not an address in an object store. Write one such as `s3://bucket/backups`, "
    "`gs://bucket/backups` or `wasbs://container@account.blob.core.windows.net/backups`."
)
GCS = {"artifactRoot.gcs.enabled": True, "artifactRoot.gcs.bucket": "b"}
ACCOUNT = "wasbs://c@a.blob.core.windows.net"
CLAIM = "backup.persistence.existingClaim"
ONE_POD = (
    "backup.enabled, persistence.accessMode: a pod that backs up a SQLite file mounts the claim beside the server's, "
    "which ReadWriteOncePod forbids. Set the second to ReadWriteOnce, or the first to false."
)


def unused(key: str, text: str) -> Case:
    return Case(
        {key: text},
        (idle(key, "backup.enabled"),),
        ON,
    )


BACKUP_CASES = [
    unused("backup.restore", "latest"),
    unused(CLAIM, "old"),
    unused("backup.objectStore", "s3://b"),
    *(
        Case(
            {**ON, **store, "backup.objectStore": inside},
            (
                f"backup.objectStore, {next(iter(store)).removesuffix('.enabled')}.path: backups would lie among the "
                "artifacts, where clients may read and delete them. Write another bucket, or a path beside that of the "
                "artifacts.",
            ),
            {"backup.objectStore": outside},
        )
        for store, inside, outside in (
            (S3, "s3://b", "s3://bb"),
            (S3, "s3://b/backups", "gs://b/backups"),
            ({**S3, "artifactRoot.s3.path": "/team/a/"}, "s3://b/team/a/", "s3://b/team"),
            ({**S3, "artifactRoot.s3.path": "team"}, "s3://b/team/backups", "s3://b/teams"),
            (GCS, "gs://b/x", "s3://b/x"),
            ({**AZURE, "artifactRoot.azureBlob.path": "x"}, f"{ACCOUNT}/x/y", f"{ACCOUNT}/y"),
        )
    ),
    Case(
        {**ON, CLAIM: "data", "persistence.existingClaim": "data"},
        (
            f"{CLAIM}, persistence.existingClaim: backups would lie on the claim of what they are backups of. Name "
            "another claim, or empty the first.",
        ),
        {CLAIM: "other"},
    ),
    Case(
        {**ON, "backup.secretName": "keys"},
        (
            "backup.secretName, backup.objectStore: the first would do nothing, because backups are kept on a claim. "
            "Write the second, or empty the first.",
        ),
        {"backup.objectStore": "s3://b"},
    ),
    Case(
        {**ON, "backup.objectStore": "s3://b", CLAIM: "old"},
        (
            f"backup.objectStore, {CLAIM}: only one of these may be given, because backups are kept in one place. Keep "
            "one of them.",
        ),
        {CLAIM: ""},
    ),
    *(
        Case({**ON, "backup.objectStore": text}, (NO_ADDRESS,), {"backup.objectStore": good})
        for text, good in {
            "bucket": "s3://bucket",
            "ftp://x/y": "gs://bucket/a/b",
            "s3://": "wasbs://c@a.blob.core.windows.net/x",
            "s3://b?x": "s3://b/",
        }.items()
    ),
    *(
        Case(
            {**ON, CLAIM: text},
            (
                f"{CLAIM}: is not a name that Kubernetes takes. Write lower-case letters, digits and `-`, such as "
                "`mlflow-2`.",
            ),
            {CLAIM: "old.2"},
        )
        for text in ("A", "a/b")
    ),
    *(
        Case({**ON, "backup.schedule": text}, (NO_SCHEDULE,), {"backup.schedule": good})
        for text, good in {
            "daily": "@daily",
            "17 3 * *": "17 3 * * *",
            "TZ=UTC 17 3 * * *": "*/15 * * * 1-5",
            "@every 1h": "@hourly",
        }.items()
    ),
    Case(
        {**ON, "backup.schedule": ""},
        (f"backup.schedule: is empty, but backup.enabled is true. {SCHEDULE}",),
        {"backup.schedule": "@weekly"},
    ),
    *(
        Case({**ON, "backup.restore": text}, (NO_NAME,), {"backup.restore": good})
        for text, good in {"yesterday": "latest", "2026-01-31": "2026-01-31T03-17-00Z", "../x": ""}.items()
    ),
    *(
        Case(
            {**ON, f"backup.images.{kind}": ""},
            (f"backup.images.{kind}: is empty, but backup.enabled is true. Write an image, such as `{image}`.",),
            {f"backup.images.{kind}": "registry.example.com/db"},
        )
        for kind, image in {"postgres": "postgres:17", "mysql": "mysql:9"}.items()
    ),
    case({**ON, "persistence.accessMode": "ReadWriteOncePod"}, ONE_POD, persistence_accessMode="ReadWriteOnce"),
    Case({**ON, **POSTGRES, **AUTH, "persistence.accessMode": "ReadWriteOncePod"}, (ONE_POD,), AUTH_POSTGRES),
]
"""The rules of backups."""
