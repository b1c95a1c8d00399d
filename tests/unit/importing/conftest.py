from __future__ import annotations

from typing import Any, Protocol

import pytest

from flowship.importing.conversion import Imported, imported
from flowship.importing.recognition import CHARTS


class Official(Protocol):
    def __call__(self, **values: Any) -> Imported: ...


@pytest.fixture
def official() -> Official:
    """Imports values of MLflow's official chart."""
    return lambda **values: imported(CHARTS["official"], values)


@pytest.fixture
def seed() -> Official:
    """Imports values of chart 0.16.5."""
    return lambda **values: imported(CHARTS["0.16.5"], values)
