"""Each private name of MLflow that Flowship touches is where it was, and does what it did."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from flowship.mlflow_seams import artifacts as mlflow_artifacts


def signature(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_an_artifact_repository_lists_writes_reads_and_deletes(tmp_path: Path) -> None:
    file = tmp_path / "dump.gz"
    file.write_bytes(b"dump")
    repository = mlflow_artifacts.artifact_repository((tmp_path / "store").as_uri())
    repository.log_artifact(str(file), "a")

    assert [(info.path, info.is_dir) for info in repository.list_artifacts()] == [("a", True)]
    assert [(info.path, info.file_size) for info in repository.list_artifacts("a")] == [("a/dump.gz", 4)]
    assert Path(repository.download_artifacts("a/dump.gz", str(tmp_path))).read_bytes() == b"dump"
    repository.delete_artifacts("a")
    assert repository.list_artifacts() == []
