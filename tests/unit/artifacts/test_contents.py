from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from flowship.artifacts.contents import File, files_below, list_files, read_file
from flowship.artifacts.removing.disk import Disk
from flowship.artifacts.removing.store import Stored
from flowship.artifacts.streaming.store import MissingError
from flowship.mlflow_seams.artifacts.clients import artifact_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
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


@pytest.mark.parametrize("folder", ["", "team a", "/team a"])
def test_what_only_stands_for_a_folder_is_no_file(folder: str) -> None:
    top = f"{folder}/" if folder else ""

    class Bucket(Disk):
        def pages(self, folder: str) -> Iterator[list[Stored]]:
            assert folder == top.removesuffix("/")
            sizes = {"1/": 0, "1": 0, "1/a": 2, "1/empty": 0, "2": 5}
            yield [Stored(top + name, size, datetime.now(UTC)) for name, size in sizes.items()]
            yield [Stored(f"{top}3/b", 1, datetime.now(UTC))]

    assert files_below(Bucket(), folder) == [File("1/a", 2), File("1/empty", 0), File("2", 5), File("3/b", 1)]


def test_a_client_of_another_kind_downloads_first(tmp_path: Path) -> None:
    class Strange:
        def download_artifacts(self, path: str, directory: str) -> str:
            file = f"{directory}/here"
            with open(file, "w") as made:  # noqa: PTH123
                made.write(path)
            return file

    assert b"".join(read_file(Strange(), "a/b")) == b"a/b"
