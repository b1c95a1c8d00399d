"""Under which names MLflow lets itself be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def checked_hosts() -> list[str] | None:
    """Give the patterns of Host headers that this server's MLflow accepts; None when it accepts all."""
    from mlflow.environment_variables import MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE
    from mlflow.server.fastapi_security import get_allowed_hosts

    patterns: list[str] = get_allowed_hosts()
    disabled = MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE.get() == "true"
    return None if disabled or not patterns or "*" in patterns else patterns


def refusal() -> str:
    """Tell what MLflow says to a request for another host."""
    from mlflow.server.security_utils import INVALID_HOST_MSG

    return str(INVALID_HOST_MSG)


def is_exempt() -> Callable[[str], bool]:
    """Tell whether MLflow answers a path for any host."""
    from mlflow.server.security_utils import is_health_endpoint

    return is_health_endpoint  # type: ignore[no-any-return]
