"""MLflow's own checks, asked whether they refuse."""

from __future__ import annotations

from typing import Any


def passes(check: Any, *arguments: Any) -> bool:
    """Tell whether a check of MLflow's takes this."""
    from mlflow.exceptions import MlflowException

    try:
        check(*arguments)
    except MlflowException:
        return False
    return True


def result(make: Any, *arguments: Any) -> Any:
    """Give what a function of MLflow's makes of this; None where it refuses."""
    from mlflow.exceptions import MlflowException

    try:
        return make(*arguments)
    except MlflowException:
        return None
