"""MLflow's assistant: where it is, to whom it listens, and what of it pages show.

Its model may run commands as the server. MLflow lets in whoever it takes for a client of the same machine, by the
address of the connection; here the door in front of its app says who that is.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/ajax-api/3.0/mlflow/assistant"
"""What the paths of all its routes begin with, after the static prefix."""

SWITCHED_OFF: dict[str, dict[str, object]] = {
    f"{PATH}/config": {
        "providers": {},
        "projects": {},
        "remote_access_allowed": False,
        "can_edit_server_settings": False,  # MLflow 3.18
    },
    f"{PATH}/providers": {"providers": [], "resolved": None, "gateway_vendor_options": {}},
}
"""What MLflow's pages ask whenever they are opened, and the answers of an assistant that nobody set up."""

HIDING = b"<style>[data-assistant-ui]{display:none!important}</style></head>"
"""Takes everything from a page that MLflow has marked as its assistant's: a page on localhost shows it, whatever the
server answers, and opens it at the first visit."""


def decide_by(admitted: Callable[[Any], bool]) -> None:
    """Let `admitted`, which is told the scope of a request, decide to whom it listens, in place of an address."""
    api: Any = importlib.import_module("mlflow.server.assistant.api")
    api._is_localhost = lambda request: admitted(request.scope)
    # For pages that are not on localhost; only who was admitted gets to hear it.
    api._provider_allows_remote_access = lambda provider: provider is not None


def hide_in_pages(hidden: Callable[[], bool]) -> None:
    """Serve MLflow's page without its assistant where `hidden`, asked in the thread of a request, says so."""
    from flask import Response

    app: Any = importlib.import_module("mlflow.server").app
    serve = app.view_functions["serve"]

    def serve_without() -> Response:
        response: Response = app.make_response(serve())
        if hidden() and response.mimetype == "text/html":
            response.direct_passthrough = False
            response.set_data(response.get_data().replace(b"</head>", HIDING, 1))
            response.add_etag(overwrite=True)
        return response

    app.view_functions["serve"] = serve_without
