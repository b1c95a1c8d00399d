from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path


SECRET = "hunter2-hunter2"
WHOLE = f"""mlflow:
  backendStoreUri: postgresql://ann:{SECRET}@db.example.com/runs
  artifactsDestination: s3://runs
server:
  value_options: {{host: 0.0.0.0, port: 5000, workers: 2}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "values.yaml"


def test_what_is_carried_over_in_full_ends_well_and_is_valid(file: Path, tmp_path: Path) -> None:
    file.write_text(WHOLE)

    result = run("import-values", str(file))

    ours = tmp_path / "flowship.yaml"
    ours.write_text(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert SECRET in result.stdout
    assert run("check", "-f", str(ours)).output == f"✓ valid: {ours}\n"


def test_what_has_no_equal_is_commented_and_has_a_status_of_its_own(file: Path) -> None:
    file.write_text(f"{WHOLE}image: {{tag: {SECRET}}}\n")

    result = run("import-values", str(file))

    assert result.exit_code == 3
    assert "# - image.tag: is a version of an image without Flowship." in result.stdout
    assert result.stderr == "✗ not carried over: 1, refused: 0. The comments above the values say what to do.\n"


def test_what_flowship_refuses_is_commented_with_the_same_status() -> None:
    result = run(
        "import-values", "--from", "0.16.5", "-", stdin=f"artifactRoot: {{s3: {{enabled: true, path: {SECRET}}}}}"
    )

    assert result.exit_code == 3
    assert "# Refused by `flowship check`:\n# - artifactRoot.s3.bucket: is empty" in result.stdout
    assert SECRET not in result.stderr


def test_a_file_that_could_be_of_several_charts_is_refused_with_the_question() -> None:
    result = run("import-values", "-", stdin="replicaCount: 2")

    assert result.exit_code == 2
    assert "--from 0.16.5, 1.11.5 or official." in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_none_is_a_sentence(file: Path) -> None:
    assert run("import-values", str(file)).exit_code == 2
    file.write_text(f"a: [{SECRET}")

    result = run("import-values", str(file))

    assert result.exit_code == 2
    assert result.stderr.startswith(f"✗ {file}:")
    assert SECRET not in result.output


def test_the_name_of_the_file_cannot_leave_its_comment(tmp_path: Path) -> None:
    file = tmp_path / "a\nb.yaml"
    file.write_text(WHOLE)

    assert all(line.startswith("#") for line in run("import-values", str(file)).stdout.splitlines()[:2])
