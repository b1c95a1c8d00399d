"""MLflow's gateway, where `Authorization` may hold the key of a provider that the request is passed on to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gateway:
    """Where the gateway is, and what it reads there of who sends a request."""

    path: str
    """What its paths begin with."""
    header: bytes
    """The header in which MLflow looks for its own credentials first, in lower case."""
    token: str | None
    """The password with which MLflow's own jobs act for any user; None when there is none."""


def mlflows_gateway(static_prefix: str) -> Gateway:
    """Describe the gateway of the MLflow that runs here."""
    from flowship.mlflow_seams.auth import users as mlflow_users  # imports MLflow's app, when it is asked

    return Gateway(
        f"{static_prefix}{mlflow_users.GATEWAY_PATH}",
        mlflow_users.gateway_header().lower().encode(),
        mlflow_users.gateway_token(),
    )
