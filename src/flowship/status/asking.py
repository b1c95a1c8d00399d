"""Asks a server that runs how it is, with the login that MLflow's clients have."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from pydantic import ValidationError

from flowship.errors import StatusError
from flowship.mlflow_seams.auth import api
from flowship.status.report import PATH, Status


def ask(server: str) -> Status:
    """Ask the server at this address, such as `https://mlflow.example.com/team`.

    Raises:
        StatusError: it is not an address, or what answers there is no Flowship, or tells it to others only.
    """
    from mlflow.exceptions import MlflowException

    if urlsplit(server).scheme not in {"http", "https"}:
        raise StatusError(f"--server {server}: is not an address. Write it as https://mlflow.example.com.")
    try:
        answer = api.ask(server.rstrip("/"), PATH, "GET", {})
    except MlflowException as error:
        raise StatusError(
            f"--server {server}: does not answer. Is it running, and reached from here by this name?"
        ) from error
    return understood(server, answer.status, answer.text)


def understood(server: str, code: int, text: str) -> Status:
    """Read the server's answer.

    Raises:
        StatusError: it is none.
    """
    if code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise StatusError(
            f"--server {server}: tells its status to admins only. Set MLFLOW_TRACKING_USERNAME and "
            "MLFLOW_TRACKING_PASSWORD to an admin's."
        )
    try:
        return Status.model_validate_json(text)
    except ValidationError:
        raise StatusError(
            f"--server {server}: answered {code}, but not with a status. Is there a Flowship of this version?"
        ) from None
