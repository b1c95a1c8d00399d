"""What an older MLflow cannot do is refused where it would serve, with the version that can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowship.errors import ValuesError
from flowship.values.reading import reading
from flowship.values.rules.installed import installed_mlflow, too_new
from tests.mlflow_version import SINCE_3_18

if TYPE_CHECKING:
    from pathlib import Path

ONLY = {"artifactRoot": {"directTransfer": "only"}}
SENTENCE = (
    "artifactRoot.directTransfer: only needs MLflow 3.18 or newer, and 3.17.2 is installed. Write both, which lets "
    "clients do the same but forces nobody, or use an image or environment with MLflow 3.18."
)


def test_what_this_mlflow_does_not_know_is_refused_with_the_version_that_does() -> None:
    assert [finding.sentence for finding in too_new(ONLY, "3.17.2")] == [SENTENCE]


@pytest.mark.parametrize("installed", ["3.18.0", "3.18.0rc1", "3.20.1", "4.0"])
def test_it_is_taken_from_that_version_on(installed: str) -> None:
    assert list(too_new(ONLY, installed)) == []


@pytest.mark.parametrize("choice", ["none", "both", None])
def test_other_choices_are_for_each_mlflow(choice: str | None) -> None:
    assert list(too_new({"artifactRoot": {"directTransfer": choice}}, "3.17.2")) == []


def test_values_that_are_read_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "installed_mlflow", lambda: "3.17.2")
    file = tmp_path / "values.yaml"
    file.write_text(
        "artifactRoot:\n  proxiedArtifactStorage: true\n  directTransfer: only\n  s3: {enabled: true, bucket: b}\n"
    )

    with pytest.raises(ValuesError) as refused:
        reading.read([file], [], {}, "fill")

    assert str(refused.value) == f"{SENTENCE} ({file}:3)"


def test_what_is_asked_for_is_what_the_installed_mlflow_lacks() -> None:
    assert bool(list(too_new(ONLY, installed_mlflow()))) is not SINCE_3_18
