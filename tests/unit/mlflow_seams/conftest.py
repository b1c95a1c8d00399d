"""What tests of seams ask of the installation."""

import pytest

from tests.mlflow_version import SINCE_3_18


@pytest.fixture
def since_3_18() -> bool:
    """Whether the MLflow that is installed is 3.18 or newer: Flowship runs with 3.17.2 too."""
    return SINCE_3_18
