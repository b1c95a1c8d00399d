"""The page says what the command takes and how it ends."""

from __future__ import annotations

from pathlib import Path

from flowship.cli.values.import_values import INCOMPLETE
from flowship.importing.recognition import CHARTS

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "importing-values.md").read_text()


def test_every_chart_and_the_status_are_on_the_page() -> None:
    assert [name for name in CHARTS if f"| `{name}` |" not in PAGE] == []
    assert f"| {INCOMPLETE} | something was not carried over" in PAGE
