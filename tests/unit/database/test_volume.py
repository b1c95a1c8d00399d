"""On which volumes a file may be open on several machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowship.database import volume
from flowship.database.volume import OF_ONE_MACHINE, kind_of, shared_kind

MOUNTS = """\
27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/root rw
30 27 0:40 / /data rw,relatime shared:7 master:2 - nfs4 server:/export rw,vers=4.2
31 30 0:41 / /data/cache rw,relatime - tmpfs tmpfs rw
32 27 0:42 / /mnt/two\\040words rw - fuse.s3fs s3fs rw
33 27 8:2 / /again rw - ext4 /dev/sdb rw
34 33 0:43 / /again rw - cifs //server/share rw
"""


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/mlflow.db", "ext4"),
        ("/data/mlflow.db", "nfs4"),
        ("/database/mlflow.db", "ext4"),
        ("/data/cache/mlflow.db", "tmpfs"),
        ("/mnt/two words/mlflow.db", "fuse.s3fs"),
        ("/again/mlflow.db", "cifs"),
    ],
)
def test_the_innermost_mount_decides_and_of_several_the_last(file: str, kind: str) -> None:
    assert kind_of(Path(file), MOUNTS.splitlines()) == kind


@pytest.mark.parametrize(
    ("kind", "shared"),
    [("ext4", None), ("overlay", None), ("nfs", "nfs"), ("9p", "9p"), ("not-known-yet", "not-known-yet")],
)
def test_what_is_not_known_as_a_disk_of_one_machine_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, shared: str | None
) -> None:
    (tmp_path / "mountinfo").write_text(f"27 1 8:1 / / rw,relatime - {kind} /dev/root rw\n")
    monkeypatch.setattr(volume, "MOUNTS", tmp_path / "mountinfo")

    assert shared_kind(tmp_path / "mlflow.db") == shared


def test_a_link_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "volume").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "volume")
    lines = ["27 1 8:1 / / rw - ext4 /dev/root rw", f"30 27 0:40 / {tmp_path}/volume rw - nfs4 server:/ rw"]
    (tmp_path / "mountinfo").write_text("\n".join(lines))
    monkeypatch.setattr(volume, "MOUNTS", tmp_path / "mountinfo")

    assert shared_kind(tmp_path / "link" / "mlflow.db") == "nfs4"


def test_a_system_that_does_not_tell_is_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume, "MOUNTS", tmp_path / "not there")

    assert shared_kind(tmp_path / "mlflow.db") is None


def test_the_disk_of_this_test_is_known() -> None:
    kind = kind_of(Path("/"), Path("/proc/self/mountinfo").read_text().splitlines())
    assert kind
    assert kind in OF_ONE_MACHINE or shared_kind(Path("/")) == kind
