from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from flowship.backup.manifest import FILE, Dump, Manifest, time_of
from flowship.database.part import Part
from tests.unit.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


def backup(directory: Path, place: str, *arguments: str) -> Result:
    return run("backup", "--data", str(directory / "data"), "--to", place, *arguments)


@pytest.mark.parametrize("below", ["artifacts", "artifacts/backups", "artifacts/../artifacts/1", "link/x"])
def test_backups_are_not_put_among_the_artifacts_of_the_data_directory(tmp_path: Path, below: str) -> None:
    artifacts = tmp_path / "data" / "artifacts"
    artifacts.mkdir(parents=True)
    (tmp_path / "data" / "link").symlink_to(artifacts)
    place = f"{tmp_path}/data/{below}"

    done = backup(tmp_path, place)

    assert done.exit_code == 1
    assert (
        f"--to {place}: lies among the artifacts, {artifacts.as_uri()}, where clients may read and delete it. Name a "
        "place outside." in done.output
    )


def test_backups_are_not_put_among_the_artifacts_of_a_store(tmp_path: Path) -> None:
    values = tmp_path / "values.json"
    values.write_text(json.dumps({"artifactRoot": {"s3": {"enabled": True, "bucket": "b", "path": "team"}}}))

    done = backup(tmp_path, "s3://b/team/backups", "-f", str(values))

    assert "--to s3://b/team/backups: lies among the artifacts, s3://b/team, where clients" in done.output


def listed(directory: Path, *arguments: str) -> Result:
    return run("backups", "list", "--from", str(directory), *arguments)


def test_good_backups_are_listed_with_their_size_and_what_they_are_of(tmp_path: Path) -> None:
    dump = Dump(kind="sqlite", file="tracking.db.gz", size=2048, sha256="", revisions={}, rows={})
    name = "2026-11-30T10-00-00Z"
    manifest = Manifest(
        name=name, time=time_of(name), flowship="1.0.0", mlflow="3.17.2", databases={Part.TRACKING: dump}
    )
    (tmp_path / name).mkdir()
    (tmp_path / name / "tracking.db.gz").write_bytes(b"x" * 2048)
    (tmp_path / name / FILE).write_text(manifest.model_dump_json())
    (tmp_path / "2026-11-30T11-00-00Z.partial").mkdir()

    assert listed(tmp_path).output == f"{name}   2.0 KiB  MLflow 3.17.2  tracking (sqlite)\n"
    (said,) = json.loads(listed(tmp_path, "--output", "json").output)
    assert (said["name"], said["size"], said["databases"]) == (name, 2048, {"tracking": "sqlite"})


def test_where_no_backup_is_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    done, absent = listed(tmp_path / "empty"), listed(tmp_path / "none")

    assert (done.exit_code, done.output) == (0, f"{tmp_path}/empty holds no good backup\n")
    assert (absent.exit_code, absent.output) == (
        0,
        f"The folder {tmp_path}/none does not exist. Name the one that backups are kept in by --from.\n",
    )
    assert json.loads(listed(tmp_path / "none", "--output", "json").output) == []


def test_nothing_is_restored_from_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    done = run("restore", "--data", str(tmp_path / "data"), "--from", str(tmp_path / "nowhere"))

    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        1,
        f"✗ The folder {tmp_path}/nowhere does not exist. Name the one that backups are kept in by --from.",
    )
