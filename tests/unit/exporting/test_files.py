from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.artifacts.contents import File
from flowship.artifacts.location import ArtifactLocation
from flowship.errors import ExportError
from flowship.exporting.files import _fetch, fetch, put

if TYPE_CHECKING:
    from pathlib import Path


def test_names_of_artifacts_stay_as_they_are(tmp_path: Path) -> None:
    location = ArtifactLocation((tmp_path / "store").as_uri(), proxied=True)
    names = {"r/artifacts/50%25.png", "r/%41/b", "models/m-%41/artifacts/#1"}
    for name in names:
        file = tmp_path / "store" / "1" / name
        file.parent.mkdir(parents=True)
        file.write_text(name)

    assert fetch("mlflow-artifacts:/1", location, "default", tmp_path / "out") == len(names)
    put(tmp_path / "out", "mlflow-artifacts:/2", location, "default", str)

    there = tmp_path / "store" / "2"
    assert {str(file.relative_to(there)): file.read_text() for file in there.rglob("*") if file.is_file()} == {
        name: name for name in names
    }


def test_a_name_does_not_lead_out_of_the_export(tmp_path: Path) -> None:
    for name in ("../x", "a/../../x", "a//x", "/x"):
        with pytest.raises(ExportError, match="has a name that no file can have"):
            _fetch(None, File(name, 1), tmp_path)


def test_artifacts_behind_another_server_are_not_looked_for_here(tmp_path: Path) -> None:
    location = ArtifactLocation(tmp_path.as_uri(), proxied=True)

    with pytest.raises(ExportError, match=r"are behind the server other\. Export the experiment there\."):
        fetch("mlflow-artifacts://other/1", location, "default", tmp_path)
