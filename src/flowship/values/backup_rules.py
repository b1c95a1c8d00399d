"""What may not be combined in `backup`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.conditions import All, Given, Matches, Not
from flowship.values.pod_rules import A_NAME, NAME, SQLITE
from flowship.values.rule import Rule, unused

if TYPE_CHECKING:
    from collections.abc import Iterator

CLAIM = "backup.persistence.existingClaim"


def backups() -> Iterator[Rule]:
    """What is written has an effect, and the pods that back up can reach what they need."""
    for key in ("backup.restore", "backup.objectStore", CLAIM):
        yield unused(key, "backup")
    yield Rule(
        ("backup.objectStore", CLAIM),
        All(Given("backup.objectStore"), Given(CLAIM)),
        "only one of these may be given, because backups are kept in one place. Keep one of them.",
    )
    yield Rule(
        ("backup.objectStore",),
        Not(Matches("backup.objectStore", r"^\z|^(s3|gs|wasbs)://[^ \t\r\n/?#]+(/[^ \t\r\n?#]*)?\z")),
        "is not an address in an object store. Write one such as `s3://bucket/backups`, `gs://bucket/backups` or "
        "`wasbs://container@account.blob.core.windows.net/backups`.",
    )
    yield Rule((CLAIM,), Not(Matches(CLAIM, NAME)), A_NAME)
    yield Rule(
        ("backup.schedule",),
        Not(
            Matches(
                "backup.schedule",
                r"^\z|^@(yearly|annually|monthly|weekly|daily|midnight|hourly)\z|^[^ @=]+( [^ =]+){4}\z",
            )
        ),
        "is not what a CronJob takes. Write five fields, such as `17 3 * * *`, or `@daily`.",
    )
    yield Rule(
        ("backup.schedule",),
        All(Given("backup.enabled"), Not(Given("backup.schedule"))),
        "is empty, but backup.enabled is true. Write five fields, such as `17 3 * * *`, or `@daily`.",
    )
    yield Rule(
        ("backup.restore",),
        Not(Matches("backup.restore", r"^(latest|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}-[0-9]{2}-[0-9]{2}Z)?\z")),
        "is not the name of a backup. Write a name such as `2026-01-31T03-17-00Z`, or `latest`.",
    )
    for kind, example in {"postgres": "postgres:17", "mysql": "mysql:9"}.items():
        image = f"backup.images.{kind}"
        yield Rule(
            (image,),
            All(Given("backup.enabled"), Not(Given(image))),
            f"is empty, but backup.enabled is true. Write an image, such as `{example}`.",
        )
    yield Rule(
        ("backup.enabled", "persistence.accessMode"),
        All(Given("backup.enabled"), SQLITE, Matches("persistence.accessMode", r"^ReadWriteOncePod\z")),
        "a pod that backs up a SQLite file mounts the claim beside the server's, which ReadWriteOncePod forbids. Set "
        "the second to ReadWriteOnce, or the first to false.",
    )
