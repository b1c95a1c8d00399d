"""The command that installs an extra."""

from __future__ import annotations

import importlib.util
import shlex
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from flowship.installing import command, libraries

if TYPE_CHECKING:
    import pytest

EXTRAS = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def test_it_names_what_the_extra_consists_of_and_the_python_that_runs() -> None:
    for extra in EXTRAS.keys() - {"all"}:
        assert sorted(map(str, map(Requirement, libraries(extra)))) == sorted(map(str, map(Requirement, EXTRAS[extra])))

    words = shlex.split(command("mysql"))
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    assert words[4:] == libraries("mysql")


def test_where_there_is_no_pip_uv_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    assert command("mysql").startswith(f"uv pip install --python {sys.executable} ")
