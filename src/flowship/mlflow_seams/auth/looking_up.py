"""What MLflow is asked for by a name or number that may be nobody's, or none at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def found_or_none(look_up: Callable[..., Any], *what: Any) -> Any:
    """Give what is looked up; None where MLflow says that there is no such thing, or that nothing can be called so."""
    from mlflow.exceptions import MlflowException

    try:
        return look_up(*what)
    except MlflowException as error:
        if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
            return None
        raise
