"""The file to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--admin", "ann"],
        ["--database", "mysql", "--host", "db", "--artifacts", "gcs", "--bucket", "b"],
        ["--database", "postgres", "--host", "db", "--artifacts", "s3", "--bucket", "b", "--admin", "a 'b"],
        ["--artifacts", "azure", "--account", "a", "--bucket", "b"],
    ],
    ids=" ".join,
)
def test_the_file_is_valid_without_a_password(words: list[str], tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"

    assert run("init", "--to", str(file), *words).exit_code == 0
    checked = run("check", "-f", str(file))
    assert (checked.exit_code, checked.output) == (0, f"✓ valid: {file}\n")
    assert "password:" not in file.read_text().lower()


def test_a_file_that_is_there_stays_unless_that_is_said(tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("mine")

    refused = run("init", "--to", str(file))

    assert (refused.exit_code, file.read_text()) == (2, "mine")
    assert f"{file} is there already. Name another file by --to, or write over it by --force." in refused.stderr
    assert run("init", "--to", str(file), "--force").exit_code == 0
    assert file.read_text() != "mine"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--database", "postgres"], "✗ --database postgres needs --host NAME."),
        (["--admin", "a\nb: c"], "✗ --admin: holds a character that cannot be printed. Write a name on one line."),
        (["--artifacts", "s3"], "✗ --artifacts s3 needs --bucket NAME."),
        (["--artifacts", "azure", "--bucket", "b"], "✗ --artifacts azure needs --account NAME."),
        (["--artifacts", "azure", "--account", "a"], "✗ --artifacts azure needs --bucket NAME."),
    ],
)
def test_what_a_choice_needs_is_said(words: list[str], sentence: str, tmp_path: Path) -> None:
    result = run("init", "--to", str(tmp_path / "v.yaml"), *words)

    assert (result.exit_code, result.stderr.splitlines()[0]) == (2, sentence)
    assert not (tmp_path / "v.yaml").exists()
