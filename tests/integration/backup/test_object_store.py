"""Backups in an object store."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from flowship.backup.restoring import restore
from flowship.backup.store import StoredCatalog
from flowship.backup.taking import take
from flowship.database.part import Part
from flowship.errors import BackupError
from tests.databases import databases_at
from tests.integration.backup.rows import TEXTS, silent, tags
from tests.integration.flowship import run, write_values

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import URL

    from tests.integration.servers.s3 import S3Server

BUCKET = "backups"


@pytest.fixture
def stored(s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], StoredCatalog]:
    """Makes what a pod has: the same address, and an empty directory."""
    bucket = f"{BUCKET}-{tmp_path.name.replace('_', '-').lower()[-30:]}".strip("-")
    s3.create_bucket(bucket)
    for name, value in s3.client_environment().items():
        monkeypatch.setenv(name, value)
    numbers = iter(range(9))
    return lambda: StoredCatalog(f"s3://{bucket}/a/b", tmp_path / f"work{next(numbers)}")


def test_a_backup_goes_to_the_store_and_comes_back(
    filled: Callable[[str], URL], empty: Callable[[str], URL], stored: Callable[[], StoredCatalog]
) -> None:
    source, target = filled("sqlite"), empty("sqlite")
    taken = take(databases_at(source), stored(), 7, os.environ, silent)
    restore(databases_at(target), stored(), "latest", os.environ, silent)

    assert tags(target) == TEXTS
    assert stored().good() == [taken]


def test_the_oldest_are_removed_and_what_is_not_finished_too(
    filled: Callable[[str], URL], stored: Callable[[], StoredCatalog]
) -> None:
    source = filled("sqlite")
    first = take(databases_at(source), stored(), 1, os.environ, silent)
    repository = stored()._repository
    repository.delete_artifacts(f"{first.name}/manifest.json")
    assert stored().good() == []
    second = take(databases_at(source), stored(), 1, os.environ, silent)
    third = take(databases_at(source), stored(), 1, os.environ, silent)

    assert stored().good() == [third]
    assert stored().begin(third.time) not in {second.name, third.name}
    assert [info.path for info in repository.list_artifacts()] == [third.name]


def test_one_that_was_damaged_in_the_store_is_refused(
    filled: Callable[[str], URL], empty: Callable[[str], URL], stored: Callable[[], StoredCatalog], tmp_path: Path
) -> None:
    taken = take(databases_at(filled("sqlite")), stored(), 7, os.environ, silent)
    damaged = tmp_path / "tracking.db.gz"
    damaged.write_bytes(b"x" * taken.databases[Part.TRACKING].size)
    stored()._repository.log_artifact(str(damaged), taken.name)

    with pytest.raises(BackupError, match="is damaged: its SHA-256 is not that of the manifest"):
        restore(databases_at(empty("sqlite")), stored(), "latest", os.environ, silent)


@pytest.mark.usefixtures("stored")
def test_a_store_that_cannot_be_used_is_named(filled: Callable[[str], URL], tmp_path: Path) -> None:
    missing = StoredCatalog("s3://no-such-bucket/x", tmp_path / "work")

    with pytest.raises(BackupError, match=r"s3://no-such-bucket/x cannot be used for backups: .*does not exist"):
        take(databases_at(filled("sqlite")), missing, 7, os.environ, silent)


def test_the_programs_take_the_address_and_the_keys_of_the_artifacts(s3: S3Server, tmp_path: Path) -> None:
    s3.create_bucket("by-hand")
    values = {
        "artifactRoot": {
            "s3": {
                "enabled": True,
                "bucket": "by-hand",
                "path": "artifacts",
                "awsAccessKeyId": s3.access_key,
                "awsSecretAccessKey": s3.secret_key,
            }
        },
        "extraEnvVars": {"MLFLOW_S3_ENDPOINT_URL": s3.endpoint_url, "AWS_DEFAULT_REGION": s3.region},
    }
    file = ("-f", str(write_values(tmp_path / "values.yaml", values)))
    data, other = ("--data", str(tmp_path / "data")), ("--data", str(tmp_path / "other"))
    for arguments in (
        ("migrate", *file, *data),
        ("backup", *file, *data, "--to", "s3://by-hand/backups"),
        ("restore", *file, *other, "--from", "s3://by-hand/backups"),
    ):
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        assert s3.secret_key not in done.stderr

    assert (tmp_path / "other" / "mlflow.db").exists()
    assert {name.rpartition("/")[2] for name in s3.object_names("by-hand")} == {"manifest.json", "tracking.db.gz"}
