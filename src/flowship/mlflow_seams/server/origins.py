"""From which origins MLflow lets browsers write, so that the same holds on the paths that its own check leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DEPLOYMENTS_PROXY = "/ajax-api/2.0/mlflow/gateway-proxy"
"""Where a GET too is passed on to a deployments server of the operator's, after the static prefix."""


def is_foreign(origin: str, allowed: Sequence[str]) -> bool:
    """Tell whether a page of this origin may not write: it is neither localhost's nor allowed."""
    from mlflow.server.security_utils import should_block_cors_request

    return bool(should_block_cors_request(origin, "POST", list(allowed)))
