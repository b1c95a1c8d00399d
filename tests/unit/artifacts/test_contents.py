from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.artifacts.contents import File, list_files, read_file
from flowship.artifacts.streaming.store import MissingError
from flowship.mlflow_seams.artifacts.clients import artifact_repository

if TYPE_CHECKING:
    from pathlib import Path


def test_files_are_listed_and_read_by_the_names_that_they_have(tmp_path: Path) -> None:
    for name in ("%41/50%25.png", "A/b", "plain"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(name)
    repository = artifact_repository(tmp_path.as_uri())

    found = list_files(repository)

    assert found == [File("%41/50%25.png", 13), File("A/b", 3), File("plain", 5)]
    assert [b"".join(read_file(repository, file.path)).decode() for file in found] == [file.path for file in found]
    with pytest.raises(MissingError):
        list(read_file(repository, "gone"))


def test_a_client_of_another_kind_downloads_first(tmp_path: Path) -> None:
    class Strange:
        def download_artifacts(self, path: str, directory: str) -> str:
            file = f"{directory}/here"
            with open(file, "w") as made:  # noqa: PTH123
                made.write(path)
            return file

    assert b"".join(read_file(Strange(), "a/b")) == b"a/b"
