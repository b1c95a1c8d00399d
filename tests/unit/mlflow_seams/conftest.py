from __future__ import annotations

from importlib.metadata import version

import pytest


@pytest.fixture
def since_3_18() -> bool:
    """Whether the MLflow that is installed is 3.18 or newer: Flowship runs with 3.17.2 too."""
    return tuple(map(int, version("mlflow").split(".")[:2])) >= (3, 18)
