from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from flowship.errors import ValuesError
from flowship.values.model.variables import Precedence
from flowship.values.reading.reading import Reading, read

NOTHING: Mapping[str, str] = {}


class Read(Protocol):
    def __call__(
        self, text: str = "", *assignments: str, precedence: Precedence = "fill", environ: Mapping[str, str] = NOTHING
    ) -> Reading: ...


class Refused(Protocol):
    def __call__(
        self, text: str = "", *assignments: str, precedence: Precedence = "fill", environ: Mapping[str, str] = NOTHING
    ) -> list[str]: ...


@pytest.fixture
def reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads the text of one file, `v.yaml`, with an environment that holds nothing else."""
    monkeypatch.chdir(tmp_path)

    def reads(
        text: str = "", *assignments: str, precedence: Precedence = "fill", environ: Mapping[str, str] = NOTHING
    ) -> Reading:
        Path("v.yaml").write_text(text)
        return read([Path("v.yaml")], assignments, environ, precedence)

    return reads


@pytest.fixture
def refused(reads: Read) -> Refused:
    """The findings for values that must be refused."""

    def refused(
        text: str = "", *assignments: str, precedence: Precedence = "fill", environ: Mapping[str, str] = NOTHING
    ) -> list[str]:
        with pytest.raises(ValuesError) as error:
            reads(text, *assignments, precedence=precedence, environ=environ)
        return list(error.value.findings)

    return refused
