"""What may not be combined in `backup`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.rules.cluster.workload import SQLITE
from flowship.values.rules.language.conditions import given, inside, matches, same
from flowship.values.rules.language.rule import Rule, unused

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "backup.secretName"  # noqa: S105 - a key
ROOTS = {
    "artifactRoot.s3": ("s3://%s/%s", ("bucket", "path")),
    "artifactRoot.gcs": ("gs://%s/%s", ("bucket", "path")),
    "artifactRoot.azureBlob": ("wasbs://%s@%s.blob.core.windows.net/%s", ("container", "storageAccount", "path")),
}
"""How the artifact root of each store is written as an address."""
CLAIM = "backup.persistence.existingClaim"


def backups() -> Iterator[Rule]:
    """What is written has an effect, and the pods that back up can reach what they need."""
    for key in ("backup.restore", "backup.objectStore", CLAIM):
        yield unused(key, "backup")
    yield Rule(
        ("backup.objectStore", CLAIM),
        given("backup.objectStore", CLAIM),
        "only one of these may be given, because backups are kept in one place. Keep one of them.",
    )
    yield from _reachable()
    yield Rule(
        (SECRET, "backup.objectStore"),
        given(SECRET) & ~given("backup.objectStore"),
        "the first would do nothing, because backups are kept on a claim. Write the second, or empty the first.",
    )
    yield Rule(
        ("backup.schedule",),
        given("backup.enabled") & ~given("backup.schedule"),
        "is empty, but backup.enabled is true. Write five fields, such as `17 3 * * *`, or `@daily`.",
    )
    for kind, example in {"postgres": "postgres:17", "mysql": "mysql:9"}.items():
        image = f"backup.images.{kind}"
        yield Rule(
            (image,),
            given("backup.enabled") & ~given(image),
            f"is empty, but backup.enabled is true. Write an image, such as `{example}`.",
        )
    yield Rule(
        ("backup.enabled", "persistence.accessMode"),
        given("backup.enabled") & SQLITE & matches("persistence.accessMode", r"^ReadWriteOncePod\z"),
        "a pod that backs up a SQLite file mounts the claim beside the server's, which ReadWriteOncePod forbids. Set "
        "the second to ReadWriteOnce, or the first to false.",
    )


def _reachable() -> Iterator[Rule]:
    """A dump of the databases is not where the server serves artifacts from, nor where it keeps its own data."""
    for section, (form, keys) in ROOTS.items():
        names = tuple(f"{section}.{key}" for key in keys)
        yield Rule(
            ("backup.objectStore", names[-1]),
            given("backup.enabled", f"{section}.enabled") & inside("backup.objectStore", form, names),
            "backups would lie among the artifacts, where clients may read and delete them. Write another bucket, or a "
            "path beside that of the artifacts.",
        )
    yield Rule(
        (CLAIM, "persistence.existingClaim"),
        given("backup.enabled") & same(CLAIM, "persistence.existingClaim"),
        "backups would lie on the claim of what they are backups of. Name another claim, or empty the first.",
    )
