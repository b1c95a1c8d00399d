"""What holds for every test."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left_in_the_checkout() -> Iterator[None]:
    """Fails the last test of a worker when a file is left that was not there: MLflow writes where it is started unless
    it is told where."""
    before = _beside_the_caches()
    yield
    assert _beside_the_caches() <= before


def pytest_collection_finish() -> None:
    """Leave what was imported and collected, half a million objects, out of each later look for garbage."""
    gc.collect()
    gc.freeze()


def _beside_the_caches() -> set[str]:
    return {path.name for path in CHECKOUT.iterdir() if not path.name.startswith(".")}
