from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from flowship.artifacts.location import ArtifactLocation
from flowship.checks.artifacts import failure

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_store_whose_host_is_not_known_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", "http://store.invalid:9000")

    sentence = failure(ArtifactLocation("s3://runs", False, "artifactRoot.s3"))

    assert sentence == (
        "artifactRoot.s3 (s3://runs) cannot be reached: the host name store.invalid is not known; correct "
        "MLFLOW_S3_ENDPOINT_URL (in extraEnvVars, or of this environment), or start the server there."
    )


def test_a_directory_works_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    assert failure(ArtifactLocation((tmp_path / "a b#é%").as_uri(), True)) is None

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    sentence = failure(ArtifactLocation((tmp_path / "file" / "artifacts").as_uri(), True))

    assert sentence is not None
    assert sentence.startswith(f"writing to {(tmp_path / 'file' / 'artifacts').as_uri()} failed: ")


def test_a_store_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "any")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")

        sentence = failure(ArtifactLocation("s3://runs", False, "artifactRoot.s3"), limit=2)

    assert sentence == "writing to artifactRoot.s3 (s3://runs) failed: it did not answer within 2 s."
