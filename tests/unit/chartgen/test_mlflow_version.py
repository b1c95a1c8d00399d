from __future__ import annotations

from pathlib import Path

import pytest

from chartgen.mlflow_version import NAMED_IN, mlflow_version, with_version

ROOT = Path(__file__).parents[3]


def test_the_version_is_one_that_flowship_runs_with() -> None:
    assert mlflow_version(ROOT) in {"3.17.2", "3.18.0"}
    assert f"mlflow=={mlflow_version(ROOT)}" in (ROOT / "requirements" / "image.txt").read_text()


def test_every_file_that_names_the_version_is_current() -> None:
    assert [path for path, content in with_version(ROOT).items() if path.read_text() != content] == []


def test_another_version_is_written_wherever_this_one_stands(tmp_path: Path) -> None:
    for name in [*NAMED_IN, "requirements/mlflow.in"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text().replace("1.0.0", "2.0.0"))  # whatever Flowship's is
    (tmp_path / "requirements" / "mlflow.in").write_text("# why\nmlflow==4.0.1\n")

    written = with_version(tmp_path)

    assert set(written) == {tmp_path / name for name in NAMED_IN}
    for path, content in written.items():
        assert "4.0.1" in content, path
        assert mlflow_version(ROOT) not in content.replace("(MLflow 3.17.2)", ""), path


def test_a_file_without_a_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "mlflow.in").write_text("mlflow>=3\n")

    with pytest.raises(ValueError, match=r"names no version\. Write one line such as mlflow==3\.17\.2"):
        mlflow_version(tmp_path)
