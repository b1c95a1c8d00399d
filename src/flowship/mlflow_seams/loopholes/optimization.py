"""Where MLflow starts work on prompts and traces for a user, in jobs that act with rights of the server's own.

It asks whether the user may edit the experiment in which the work is done, and of what else the work reads, changes and
spends only whether it is denied. Here the request is read as the job will read it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.rights import ask_after_own_question
from flowship.mlflow_seams.auth.users import auth_app

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN = "?"
"""Stands for an endpoint of the gateway that is not there."""


@dataclass(frozen=True)
class Optimization:
    """A job that makes a prompt better, by what it reads, changes and spends."""

    dataset: str
    """The id of the dataset whose records it reads; empty for none."""
    prompts: tuple[str, ...]
    """All that may be the name of the prompt of which it makes a new version."""
    endpoint: str | None
    """The id of the gateway's endpoint that it asks."""
    options: Any
    """What is told to the optimizer, as JSON; None for what is none."""


def ask_before_optimizing(refusal: Callable[[Optimization], str | None]) -> None:
    """Ask `refusal` too before such a job is started."""
    from mlflow.protos.service_pb2 import CreatePromptOptimizationJob

    auth = auth_app()

    def asked() -> str | None:
        message = auth._get_request_message(CreatePromptOptimizationJob())
        endpoint = auth._optimizer_gateway_endpoint(message.config.optimizer_config_json)
        return refusal(
            Optimization(
                message.config.dataset_id,
                tuple(auth._source_prompt_names(message.source_prompt_uri)),
                endpoint and _endpoint(endpoint),
                _parsed(message.config.optimizer_config_json),
            )
        )

    ask_after_own_question("validate_can_create_prompt_optimization_job", asked)


def ask_before_detecting_issues(refusal: Callable[[str], str | None]) -> None:
    """Ask `refusal` too, with the id of the gateway's endpoint, before traces are searched for issues with it."""
    from flask import request

    def asked() -> str | None:
        body = request.get_json(silent=True)
        name = body.get("endpoint_name") if isinstance(body, dict) else None
        return refusal(_endpoint(name)) if isinstance(name, str) and name else None

    ask_after_own_question("validate_can_invoke_issue_detection", asked)


def may_read_dataset(dataset: str) -> bool:
    """Tell whether the sender may read every experiment that this dataset belongs to; one that is not there is
    nobody's."""
    auth = auth_app()
    experiments = auth._fetch_or_none(auth._get_tracking_store().get_dataset_experiment_ids, dataset)
    username = auth.authenticate_request().username
    return bool(experiments) and all(auth._get_experiment_permission(each, username).can_read for each in experiments)


def may_edit_prompts(names: tuple[str, ...]) -> bool:
    """Tell whether the sender may edit each of these prompts that is there."""
    auth = auth_app()
    find = auth._get_model_registry_store().get_registered_model
    there = [name for name in names if auth._fetch_or_none(find, name) is not None]
    return all(auth._get_registered_model_or_prompt_permission(name).can_update for name in there)


def may_use_endpoint(endpoint: str) -> bool:
    """Tell whether the sender may ask this endpoint of the gateway."""
    return endpoint != UNKNOWN and bool(auth_app()._get_gateway_endpoint_permission(endpoint).can_use)


def destinations(options: Any) -> list[str]:
    """Tell which of the options, at any depth, choose to whom a model's client sends its questions and the server's
    keys."""
    from mlflow.utils.validation import _find_destination_keys

    return sorted(_find_destination_keys(options))


def _endpoint(name: str) -> str:
    auth = auth_app()
    found = auth._fetch_or_none(lambda each: auth._get_tracking_store().get_gateway_endpoint(name=each), name)
    return str(found.endpoint_id) if found else UNKNOWN


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
