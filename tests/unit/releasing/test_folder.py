"""Nothing but an earlier release is removed where a release is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from releasing import folder, making

if TYPE_CHECKING:
    from pathlib import Path


def release(target: Path, *names: str) -> None:
    target.mkdir()
    for name in names:
        (target / name).write_text(name)
    making.sums(target)


def test_a_release_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    release(tmp_path / "dist", "old.whl")
    release(tmp_path / "made", "new.whl", "new.tgz")

    folder.claim(tmp_path / "dist")
    folder.replace(tmp_path / "dist", tmp_path / "made")

    assert {path.name for path in (tmp_path / "dist").iterdir()} == {"new.whl", "new.tgz", "SHA256SUMS"}


def test_a_new_and_an_empty_folder_are_taken(tmp_path: Path) -> None:
    folder.claim(tmp_path / "a" / "b")
    folder.claim(tmp_path / "a" / "b")

    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize("other", ["thesis.odt", "folder/thesis.odt"])
@pytest.mark.parametrize("beside_a_release", [True, False])
def test_a_folder_that_holds_anything_else_is_refused_and_left_alone(
    tmp_path: Path, other: str, beside_a_release: bool
) -> None:
    release(tmp_path / "home", "old.whl")
    if not beside_a_release:
        (tmp_path / "home" / making.SUMS).unlink()
        (tmp_path / "home" / "old.whl").unlink()
    file = tmp_path / "home" / other
    file.parent.mkdir(exist_ok=True)
    file.write_text("years of work")

    with pytest.raises(folder.FolderError) as refused:
        folder.claim(tmp_path / "home")

    first = other.partition("/")[0]
    assert str(refused.value) == (
        f"{tmp_path / 'home'} holds what is no release of before: {first}. Name an empty folder, or a new one."
    )
    assert file.read_text() == "years of work"


def test_changes_that_are_not_committed_are_no_release(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from releasing.__main__ import main

    monkeypatch.setattr(making, "uncommitted", lambda: [" M src/flowship/errors.py"])

    with pytest.raises(SystemExit, match="A release is made from a commit, and these files are not as in it:\n M src"):
        main(["--to", str(tmp_path / "dist")])
    assert not (tmp_path / "dist").exists()
