"""What MLflow lets people do with their accounts: the names that it takes, and what its pages offer to whom."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response


def check_new_names(refusal: Callable[[object], str | None]) -> None:
    """Make no user whose name is refused, whichever of MLflow's routes is asked to; the sentence is its answer."""
    store: Any = auth_app().store
    create_user = store.create_user

    def create_named(username: str, *rest: Any, **named: Any) -> Any:
        from mlflow.exceptions import MlflowException

        if sentence := refusal(username):
            raise MlflowException.invalid_parameter_value(sentence)
        return create_user(username, *rest, **named)

    store.create_user = create_named


def offer_logging_out() -> None:
    """Have MLflow's pages offer to log out and to change the password, which they do together or not at all, and only
    where MLflow verifies passwords itself: it takes a function of ours for another way of logging in."""
    app: Any = importlib.import_module("mlflow.server").app
    get_current_user = app.view_functions["get_current_user"]

    def current_user() -> Response:
        from flask import jsonify

        response: Response = app.make_response(get_current_user())
        return jsonify({**(response.get_json() or {}), "is_basic_auth": True})

    app.view_functions["get_current_user"] = current_user


def refuse_new_passwords(sentence: str) -> None:
    """Answer whoever would change a password of MLflow's that it is kept elsewhere."""
    app: Any = importlib.import_module("mlflow.server").app

    def update_user_password() -> Response:
        from flask import Response
        from mlflow.exceptions import MlflowException

        error = MlflowException.invalid_parameter_value(sentence)
        return Response(error.serialize_as_json(), error.get_http_status_code(), mimetype="application/json")

    name = update_user_password.__name__
    if name not in app.view_functions:
        raise LookupError(f"MLflow has no view {name}")
    app.view_functions[name] = update_user_password
