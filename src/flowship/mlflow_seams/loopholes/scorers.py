"""Where MLflow keeps scorers: who manages one that is registered again, and what a judge may say of its model's client.

MLflow makes whoever registers a version the scorer's manager, also of a scorer of somebody else's. Of a judge's options
it lets through those that choose to whom the server sends questions, with its keys.
"""

from __future__ import annotations

import importlib
import json
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.loopholes.optimization import destinations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPTIONS = "inference_params"
"""The options of a judge's model, wherever they stand in a scorer."""

EDIT = "EDIT"
FIRST = 1
"""The version of a scorer that was not there before."""


def keep_managers() -> None:
    """Make who registers a version the manager of a new scorer only; of another one, who could not read it may edit
    it, as one may register versions."""
    auth: Any = auth_app()
    own = auth.set_can_manage_scorer_permission

    def registered(response: Any) -> None:
        if response.json.get("version") == FIRST:
            own(response)
        elif not auth._get_permission_from_scorer_name().can_read:
            said = response.json
            pattern = auth.store._scorer_pattern(said["experiment_id"], said["name"])
            username = auth.authenticate_request().username
            auth.store.grant_user_permission(username, auth.RESOURCE_TYPE_SCORER, pattern, EDIT)

    handlers = auth.AFTER_REQUEST_HANDLERS
    handlers.update({key: registered for key, each in handlers.items() if each is own})


def refuse_destinations(sentence: Callable[[list[str]], str]) -> None:
    """Have MLflow take no scorer whose judge chooses where its questions go, as it takes none of other libraries'."""
    from mlflow.exceptions import MlflowException

    handlers: Any = importlib.import_module("mlflow.server.handlers")
    own = handlers._validate_serialized_scorer_payload

    def validate(serialized_scorer: str) -> None:
        own(serialized_scorer)
        for options in _options(json.loads(serialized_scorer)):
            if found := destinations(options):
                raise MlflowException.invalid_parameter_value(sentence(found))

    handlers._validate_serialized_scorer_payload = validate


def _options(scorer: Any) -> Iterator[Any]:
    """All options of judges' models: scorers may hold scorers."""
    if isinstance(scorer, dict):
        if OPTIONS in scorer:
            yield scorer[OPTIONS]
        for each in scorer.values():
            yield from _options(each)
    elif isinstance(scorer, list):
        for each in scorer:
            yield from _options(each)
