"""Backups of the databases by a CronJob, and what a Job restores."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowship.values.model.fields.section import CLUSTER_ONLY, LARGEST, POD_ONLY, Map, Section
from flowship.values.model.fields.shape import Shape
from flowship.values.model.fields.texts import ObjectName

SCHEDULE = Shape(
    r"^@(yearly|annually|monthly|weekly|daily|midnight|hourly)\z|^[^ @=]+( [^ =]+){4}\z",
    "is not what a CronJob takes. Write five fields, such as `17 3 * * *`, or `@daily`.",
)
BACKUP_NAME = Shape(
    r"^(latest|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z)\z",
    "is not the name of a backup. Write a name such as `2026-01-31T03-17-00Z`, or `latest`.",
)
IN_A_STORE = Shape(
    r"^(s3|gs|wasbs)://[^ \t\r\n/?#]+(/[^ \t\r\n?#]*)?\z",
    "is not an address in an object store. Write one such as `s3://bucket/backups`, `gs://bucket/backups` or "
    "`wasbs://container@account.blob.core.windows.net/backups`.",
)


class BackupPersistence(Section):
    """The claim that backups are kept on. It is kept when the release is uninstalled."""

    size: str = "10Gi"
    """Size of the claim; a backup is compressed, but the newest one takes its full size while it is checked."""
    storageClass: str = ""
    """Storage class of the claim; the cluster's default when empty, none when `-`."""
    accessMode: Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"] = "ReadWriteOnce"
    """Access mode of the claim."""
    existingClaim: ObjectName = ""
    """Name of a claim of your own to use instead, such as that of the release whose backup is restored."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the claim."""


class BackupImages(Section):
    """Images of the databases, whose own programs dump and load."""

    postgres: str = "postgres:17"
    """Image with `pg_dump` and `psql`, of the server's version or a newer one."""
    mysql: str = "mysql:9"
    """Image with `mysqldump` and `mysql`; for a MariaDB server one of MariaDB's, such as `mariadb:11`."""


REQUESTS = {"cpu": "100m", "memory": "256Mi"}
"""What each container that backs up requests."""


class Backup(Section):
    """A CronJob that dumps the databases, checks each dump, and keeps the last good ones on a claim. Artifacts are not
    part of a backup."""

    enabled: Annotated[bool, POD_ONLY] = False
    """Take backups: by the schedule, and before an older database is migrated, which waits for it."""
    schedule: Annotated[str, CLUSTER_ONLY, SCHEDULE] = "17 3 * * *"
    """When, as a CronJob writes it, in the time zone of the cluster."""
    retention: Annotated[int, CLUSTER_ONLY, Field(ge=1, le=LARGEST)] = 7
    """How many good backups are kept; the last good one always is."""
    restore: Annotated[str, POD_ONLY, BACKUP_NAME] = ""
    """Name of the backup, or `latest`, that a Job restores into an empty database; the server waits for it. Later on it
    may stay: what is restored is not restored again."""
    images: Annotated[BackupImages, CLUSTER_ONLY] = BackupImages()
    resources: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=dict)
    """Requests and limits of the containers that back up and restore. 100m of CPU and 256Mi of memory are requested
    where neither a request nor a limit of yours says more."""
    objectStore: Annotated[str, CLUSTER_ONLY, IN_A_STORE] = ""
    """Address in an object store, such as `s3://bucket/backups`, that backups are kept at instead of on a claim. Its
    client gets the credentials of artifactRoot, or what extraEnvVars and the ServiceAccount give."""
    secretName: Annotated[str, CLUSTER_ONLY] = ""
    """Name of a Secret with credentials for objectStore, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Only
    the pods that back up and restore get them, in place of those of artifactRoot. On a laptop, set FLOWSHIP_BACKUP_ and
    the variable's name, such as FLOWSHIP_BACKUP_AWS_ACCESS_KEY_ID."""
    persistence: Annotated[BackupPersistence, CLUSTER_ONLY] = BackupPersistence()
