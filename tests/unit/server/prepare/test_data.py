from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flowship.errors import DataDirectoryError
from flowship.server.prepare import data


def test_a_new_directory_is_its_owners_only(tmp_path: Path) -> None:
    data.make(tmp_path / "a" / "b")

    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_an_existing_directory_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir(mode=0o750)

    data.make(tmp_path / "mine")

    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o750


def test_a_file_in_the_way_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DataDirectoryError, match=r"The data directory .*/file cannot be used \(File exists\)"):
        data.make(tmp_path / "file")


MOUNTS = """\
22 1 0:20 / / rw,relatime - overlay overlay rw,lowerdir=/a,upperdir=/b
30 22 253:0 /volumes/x /var/lib/flow\\040ship rw,relatime shared:1 - ext4 /dev/vda rw
31 22 253:0 /volumes/y /data rw,relatime - ext4 /dev/vda rw
"""


@pytest.mark.parametrize("path", ["/data", "/data/below"])
def test_a_volume_of_a_container_keeps_data(path: str, tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)

    data.require_kept(Path(path), mounts)


def test_a_containers_own_layer_is_refused_with_the_volume_to_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)

    with pytest.raises(
        DataDirectoryError, match=r"Mount a volume there, such as: docker run -v flowship-data:/var/lib/x"
    ):
        data.require_kept(Path("/var/lib/x"), mounts)


def test_a_machine_without_mounts_to_read_is_no_container(tmp_path: Path) -> None:
    data.require_kept(Path("/data"), tmp_path / "missing")


def test_a_directory_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    with (
        data.held(tmp_path),
        pytest.raises(DataDirectoryError, match=r"is in use by another flowship up. Stop that one"),
        data.held(tmp_path),
    ):
        pass


def test_a_directory_is_free_again_afterwards(tmp_path: Path) -> None:
    with data.held(tmp_path) as first:
        assert first > 2

    with data.held(tmp_path) as second:
        assert second > 2


def test_a_child_that_inherits_the_lock_keeps_the_directory_held(tmp_path: Path) -> None:
    with data.held(tmp_path) as lock:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,))
    try:
        with pytest.raises(DataDirectoryError, match="is in use"), data.held(tmp_path):
            pass
    finally:
        child.communicate(b"\n")
