from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from flowship.cli.app import flowship

if TYPE_CHECKING:
    from pathlib import Path


def backup(directory: Path, place: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        flowship, ["backup", "--data", str(directory / "data"), "--to", place, *arguments], catch_exceptions=False
    )


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
