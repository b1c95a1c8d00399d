"""The place that each request to MLflow's Flask app passes, before MLflow asks for permissions or answers."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

UPLOAD = "/upload-artifact"
"""How the route ends that is posted a file."""
METHODS = frozenset({"GET", "HEAD", "PATCH", "POST", "DELETE"})
"""Those by which MLflow is asked; PUT brings the bytes of an artifact, which are not read here."""


@dataclass(frozen=True)
class Asked:
    """A request, as far as it may be understood in several ways."""

    method: str
    has_body: bool
    says_json: bool
    """Whether its Content-Type says that the body is JSON."""
    body: Any
    """The body as JSON, whatever its Content-Type says; None for what is none."""
    named: Mapping[str, Any]
    """What the path names, by the route's words."""
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """All that the query says, by name."""


def refuse_ambiguous(why: Callable[[Asked], str | None]) -> None:
    """Have MLflow answer 400, before it asks for permissions, to a request for which `why` has a sentence."""
    from flask import request
    from mlflow.exceptions import MlflowException

    handlers: Any = importlib.import_module("mlflow.server.handlers")

    def read_in_one_way() -> None:
        is_file_or_form = request.method == "POST" and (request.path.endswith(UPLOAD) or not request.is_json)
        if request.method not in METHODS or is_file_or_form:  # MLflow itself takes no other POST than of JSON
            return
        has_body = bool(request.get_data(cache=True))
        body = request.get_json(force=True, silent=True) if has_body else None
        query = request.args.to_dict(flat=False)
        if found := why(Asked(request.method, has_body, request.is_json, body, request.view_args or {}, query)):
            raise MlflowException.invalid_parameter_value(found)

    app: Any = importlib.import_module("mlflow.server").app
    app.before_request_funcs.setdefault(None, []).insert(0, handlers.catch_mlflow_exception(read_in_one_way))
