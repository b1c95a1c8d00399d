"""Which backups count as good, and which are removed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from flowship.backup.catalog import Catalog
from flowship.backup.manifest import Dump, Manifest, time_of
from flowship.database.part import Part
from flowship.errors import BackupError

if TYPE_CHECKING:
    from pathlib import Path

FIRST = datetime(2026, 1, 31, 3, 17, tzinfo=UTC)
CONTENT = b"dump"


def make(catalog: Catalog, time: datetime = FIRST) -> Manifest:
    """A backup of a few bytes."""
    name = catalog.begin(time)
    (catalog.partial(name) / "tracking.sql.gz").write_bytes(CONTENT)
    dump = Dump(kind="mysql", file="tracking.sql.gz", size=len(CONTENT), sha256="", revisions={}, rows={})
    manifest = Manifest(name=name, time=time_of(name), flowship="1", mlflow="3", databases={Part.TRACKING: dump})
    catalog.finish(manifest)
    return manifest


def several(catalog: Catalog, count: int) -> list[Manifest]:
    return [make(catalog, FIRST + timedelta(days=day)) for day in range(count)]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "backups")


def test_a_backup_is_found_by_its_name_and_the_newest_as_the_latest(catalog: Catalog) -> None:
    first, second = several(catalog, 2)

    assert catalog.good() == [first, second]
    assert catalog.find(first.name) == first
    assert catalog.find("latest") == second
    assert first.name == "2026-01-31T03-17-00Z"


def test_what_is_not_there_is_told_with_what_is(catalog: Catalog) -> None:
    catalog.directory.mkdir()
    with pytest.raises(BackupError, match=r"holds no good backup latest\. There is no good one in it\."):
        catalog.find("latest")
    made = make(catalog)
    with pytest.raises(BackupError, match=rf"holds no good backup x\. Good ones are: {made.name}\."):
        catalog.find("x")


@pytest.mark.parametrize(("keep", "left"), [(1, 1), (2, 2), (5, 3), (0, 1)])
def test_the_oldest_are_removed_and_never_the_last(catalog: Catalog, keep: int, left: int) -> None:
    made = several(catalog, 3)

    assert catalog.prune(keep) == [each.name for each in made[: 3 - left]]
    assert catalog.good() == made[3 - left :]


def test_what_is_not_whole_does_not_count_as_one_that_is_kept(catalog: Catalog) -> None:
    """Or the last good one would be removed for it."""
    good, short, bare = several(catalog, 3)
    catalog.file(short, "tracking.sql.gz").write_bytes(CONTENT[:2])
    (catalog.directory / bare.name / "manifest.json").write_text("{")
    (catalog.directory / "notes.txt").touch()
    (catalog.directory / "2026-03-01T00-00-00Z").touch()

    assert catalog.good() == [good]
    assert catalog.prune(1) == []
    assert catalog.find("latest") == good


def test_a_new_one_removes_what_unfinished_ones_left(catalog: Catalog) -> None:
    good = make(catalog)
    catalog.begin(FIRST + timedelta(days=1))
    made = make(catalog, FIRST + timedelta(days=2))

    assert {path.name for path in catalog.directory.iterdir()} == {good.name, made.name}


def test_two_of_one_second_have_names_of_their_own(catalog: Catalog) -> None:
    first, second = make(catalog), make(catalog)

    assert [first.name, second.name] == ["2026-01-31T03-17-00Z", "2026-01-31T03-17-01Z"]


def test_what_is_taken_last_is_the_newest_also_by_a_clock_that_was_set_back(catalog: Catalog) -> None:
    """Or it would be the oldest, and removed at once."""
    first = make(catalog)
    catalog.prune(1)
    last = make(catalog, FIRST - timedelta(days=1))

    assert catalog.prune(1) == [first.name]
    assert catalog.find("latest") == last


def test_what_is_called_like_no_time_is_no_backup(catalog: Catalog) -> None:
    (catalog.directory / "2026-02-30T00-00-00Z").mkdir(parents=True)
    made = make(catalog)

    assert catalog.good() == [made]


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(BackupError, match=r"The directory of backups, .*/file/x, cannot be used: Not a directory"):
        Catalog(tmp_path / "file" / "x").begin(FIRST)
