from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.cli.terminal import options
from tests.unit.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

USERS = "auth: {enabled: true, adminUsername: root, adminPassword: a long password}\n"


def test_in_a_pod_it_looks_at_what_the_server_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(USERS)
    monkeypatch.setattr(options, "POD_VALUES", values)
    monkeypatch.setattr(options, "POD_DATA", tmp_path / "data")

    result = run("status")

    assert result.exit_code == 1
    assert "Signing in         basic\n" in result.output
    assert f"sqlite:///{tmp_path}/data/basic_auth.db" in result.output


def test_check_looks_there_too_whether_it_tries_anything_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(USERS)
    monkeypatch.setattr(options, "POD_VALUES", values)
    monkeypatch.setattr(options, "POD_DATA", tmp_path / "data")

    for words in (["check"], ["check", "--live"]):
        result = run(*words)

        assert result.output.splitlines()[0] == f"✓ valid: {values}"
    values.write_text("servise: {}\n")
    assert run("check").exit_code == 2


def test_values_that_are_named_count_in_a_pod_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values, named = tmp_path / "values.yaml", tmp_path / "named.yaml"
    values.write_text(USERS)
    named.write_text("{}\n")
    monkeypatch.setattr(options, "POD_VALUES", values)

    result = run("status", "-f", str(named), "--data", str(tmp_path / "here"))

    assert "Signing in         none\n" in result.output
    assert f"sqlite:///{tmp_path}/here/" in result.output
