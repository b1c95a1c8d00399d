"""Puts together who may do what, beyond MLflow's own rules: in front of its app, and in what it asks itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.in_mlflow import rights
from flowship.mlflow_seams.loopholes import scorers as mlflow_scorers
from flowship.mlflow_seams.server import assistant as mlflow_assistant
from flowship.mlflow_seams.server.origins import is_foreign
from flowship.server.http.rights.assistant import AssistantDoor, admitted, shown
from flowship.server.http.rights.origins import Origins

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from flowship.server.plan.settings import ProcessSettings


def tell_mlflow(settings: ProcessSettings) -> None:
    """Change what MLflow's loaded app asks and shows, once for all workers."""
    mlflow_assistant.decide_by(admitted)
    mlflow_assistant.hide_in_pages(lambda: not shown(enabled=settings.assistant, is_admin=rights.is_admin))
    mlflow_scorers.refuse_destinations(
        lambda found: f"serialized_scorer.inference_params: {rights.destinations_withheld(found)}"
    )


def door(app: ASGIApp, settings: ProcessSettings) -> AssistantDoor:
    """Put the app behind the door of MLflow's assistant; the gate goes in front, where there is one."""
    return AssistantDoor(
        app,
        static_prefix=settings.static_prefix,
        enabled=settings.assistant,
        authenticates=settings.sign_in.gated,
        is_admin=rights.is_admin,
    )


def against_pages(app: ASGIApp, settings: ProcessSettings) -> ASGIApp:
    """Keep from the app what pages of other sites would do there."""
    if settings.origins is None:
        return app
    return Origins(app, partial(is_foreign, allowed=settings.origins), settings.static_prefix)
