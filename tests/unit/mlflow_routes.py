"""Every route of MLflow's app, and whom MLflow asks before it answers: what a new version adds shows up here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.routing import Mount

from flowship.mlflow_seams.auth.users import auth_app
from flowship.server.http.rights.assistant import AssistantDoor, is_the_assistants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask
    from starlette.applications import Starlette


@dataclass(frozen=True)
class Asked:
    """A request, as MLflow looks for its question."""

    method: str
    path: str


def native(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Method and path of each route that FastAPI answers itself; it resolves included routers only when asked."""
    for route in routes:
        if hasattr(route, "effective_candidates"):
            yield from native([*route.effective_candidates(), *route.effective_low_priority_routes()])
        elif not isinstance(route, Mount):
            yield from ((method, route.path) for method in route.methods - {"HEAD", "OPTIONS"})


def flask_routes(flask: Flask) -> Iterator[tuple[str, str]]:
    """Method and path of each route of Flask's."""
    for rule in flask.url_map.iter_rules():
        yield from ((method, rule.rule) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"})


def filled(path: str) -> str:
    """The path with something in the place of its parameters."""
    return re.sub(r"<[^>]*>|\{[^}]*\}", "1", path)


def decisions(app: Starlette, flask: Flask) -> list[str]:
    """A line for each route: method, path, and who decides whether a user who is no admin may."""
    auth: Any = auth_app()
    lines = []
    for method, path in native(app.routes):
        found = auth._find_fastapi_validator(filled(path), method)
        door = [AssistantDoor.__name__] if is_the_assistants(path, "") else []
        lines.append(f"{method} {path} {', '.join([*door, _name(found) if found else _without(method, path)])}")
    for method, path in flask_routes(flask):
        found = auth._find_validator(Asked(method, filled(path)))
        if found is None and auth._is_proxy_artifact_path(filled(path)):
            found = auth._get_proxy_artifact_validator(method, {"artifact_path": "1"})
        lines.append(f"{method} {path} {_name(found) if found else _without(method, path)}")
    return sorted(set(lines))


def _name(asked: Any) -> str:
    if isinstance(asked, partial):
        found = [_name(each) for each in (asked.func, *asked.args)]
        return ", ".join(name for name in found if name not in ("_asked", "_confirmed"))
    return str(asked.__qualname__.partition(".<locals>")[0])


def _without(method: str, path: str) -> str:
    """Who may where nobody is asked: everybody, whoever the handler finds, or with MLflow's net nobody."""
    auth: Any = auth_app()
    if auth.is_unprotected_route(filled(path)):
        return "OPEN"
    outside = auth._authorized_outside_before_request(Asked(method, filled(path)))
    return "filtered" if outside else "nobody"
