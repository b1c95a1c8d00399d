"""The generated pages are current, and say of themselves that they are generated."""

from __future__ import annotations

from pathlib import Path

from chartgen.pages.files import pages
from chartgen.pages.markdown import BANNER

ROOT = Path(__file__).parents[4]


def test_the_pages_are_current() -> None:
    found = pages(ROOT)

    assert [str(path) for path, content in found.items() if path.read_text() != content] == [], "run `make generate`"
    assert all(BANNER in content for content in found.values())
