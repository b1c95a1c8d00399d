from __future__ import annotations

import pytest

from flowship.auth.generations import Generations
from tests.unit.auth.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def generations() -> Generations:
    return Generations()
