"""Where MLflow decides who may have an artifact by its path: it takes the number at its beginning for an experiment.

What names none, it lets everybody have whom the default permission lets. Here such a path is an admin's business,
unless what it names is the folder of a run, a model or a trace whose experiment keeps its artifacts in another place.
"""

from __future__ import annotations

import importlib
import os
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flowship.mlflow_seams.auth.looking_up import found_or_none
from flowship.mlflow_seams.auth.users import auth_app
from flowship.mlflow_seams.loopholes.experiment_ids import EXPERIMENT_ID

if TYPE_CHECKING:
    from collections.abc import Callable

    Named = Callable[[str], str | None]
    """The experiment that a path names."""
    Owned = Callable[[str], "Owner | None"]
    """Whose folder a path lies in."""

EXPERIMENT = f"({EXPERIMENT_ID})/"
"""How a path begins that names an experiment: with its id as MLflow writes it."""

WORKSPACE = r"(?:workspaces/[^/]+/)?"
"""What stands before it on a server with workspaces."""

SIZE = 10_000
"""Experiments, and owners of folders, that are remembered: neither ever changes."""


class Owner(NamedTuple):
    """Says whose folder an artifact lies in."""

    tier: str
    """What MLflow calls its kind where it keeps rights."""
    experiment: str
    folder: str
    """The URI of its artifacts."""


def keep_users_to_experiments() -> None:
    """Leave to admins what lies in no experiment."""
    from mlflow.environment_variables import MLFLOW_ENABLE_WORKSPACES

    auth: Any = auth_app()
    auth._EXPERIMENT_ID_PATTERN = re.compile(f"^{WORKSPACE if MLFLOW_ENABLE_WORKSPACES.get() else ''}{EXPERIMENT}")
    named: Named = auth._experiment_id_from_canonical_proxy_path
    owner_of: Owned = _nobody
    if not os.environ.get(importlib.import_module("mlflow.server").ARTIFACTS_ONLY_ENV_VAR):  # which knows no experiment
        named, owner_of = _named(auth), _owner_of(auth)

    def experiment(path: str) -> str | None:
        owner = None if (number := named(path)) else owner_of(path)
        return owner.experiment if owner else number

    _judge_folders(auth, named, owner_of)
    if hasattr(auth, "_parse_artifact_auth_target"):
        _judge_targets(auth, experiment)
    else:
        _judge_paths(auth, experiment)


def _nobody(path: str) -> Owner | None:
    return None


def _named(auth: Any) -> Named:
    """Give the experiment whose number stands at the beginning of a path, when there is such."""
    number_in, is_there = auth._experiment_id_from_canonical_proxy_path, _is_there()

    def named(path: str) -> str | None:
        number = number_in(path)
        return number if number and is_there(number) else None

    return named


def _judge_paths(auth: Any, experiment: Named) -> None:
    """Judge the rest of a path as an experiment's, by its number or its owner, or as an admin's (MLflow 3.17)."""
    flask, native = auth._get_permission_from_experiment_id_artifact_proxy, auth._get_proxy_artifact_permission

    def by_flask() -> Any:
        return flask() if auth._get_experiment_id_from_view_args() else auth.NO_PERMISSIONS

    def by_fastapi(path: str, username: str, query_path: str | None = None) -> Any:
        if auth._extract_experiment_id_from_artifact_proxy_path(path, query_path):
            return native(path, username, query_path)
        return auth.NO_PERMISSIONS

    auth._experiment_id_from_canonical_proxy_path = experiment
    auth._get_permission_from_experiment_id_artifact_proxy = by_flask
    auth._get_proxy_artifact_permission = by_fastapi


def _judge_targets(auth: Any, experiment: Named) -> None:
    """Judge paths where MLflow divides them first, and knows that of a skill by it (since 3.18)."""
    from flask import g

    def permission(path: str | None, username: str) -> Any:
        target = auth._parse_artifact_auth_target(path)
        if target.skill is None:
            found = experiment(_canonical(auth, path))
            if found is None:
                return auth.NO_PERMISSIONS
            target = replace(target, experiment_id=found)
        return auth._permission_for_artifact_target(target, username)

    def by_flask() -> Any:
        username = getattr(g, "mlflow_authenticated_user", None) or auth.authenticate_request().username
        return permission(auth._artifact_proxy_path(), username)

    def by_fastapi(path: str, username: str, query_path: str | None = None) -> Any:
        return permission(auth._effective_artifact_proxy_path(path, query_path), username)

    auth._get_permission_from_experiment_id_artifact_proxy = by_flask
    auth._get_proxy_artifact_permission = by_fastapi


def _judge_folders(auth: Any, named: Named, owner_of: Owned) -> None:
    """Judge a path that names a run, a model or a trace besides as theirs, also where MLflow does not expect it."""
    judged = auth._artifact_proxy_child

    def judged_by(path: str | None, action: str) -> Any:
        found = judged(path, action)
        if found is None and (owner := owner_of(_canonical(auth, path))):
            return (owner.tier,), (auth.RESOURCE_TYPE_EXPERIMENT, owner.experiment)
        if isinstance(found, tuple) and named(_canonical(auth, path)) is None:
            return auth._ARTIFACT_PROXY_UNPARSABLE
        return found

    auth._artifact_proxy_child = judged_by


def _canonical(auth: Any, path: str | None) -> str:
    """Give the path as it is served; an empty one, of which nothing is found, for one that is none."""
    return (auth._canonical_artifact_proxy_path(path) if path else None) or ""


def _is_there() -> Callable[[str], bool]:
    """Tell whether there is such an experiment, deleted or not; once there is, that is remembered."""

    @lru_cache(SIZE)
    def looked_up(number: str) -> bool:
        _store().get_experiment(number)
        return True

    return lambda number: found_or_none(looked_up, number) is not None


def _owner_of(auth: Any) -> Callable[[str], Owner | None]:
    """Whose folder a path lies in, when its owner says so too; that is remembered."""
    folders: list[tuple[re.Pattern[str], Callable[[str], Owner]]] = [
        (re.compile(r"(.+/models/(m-[0-9a-f]{32})/artifacts)(?:/|$)"), lambda model: _model(auth, model)),
        (re.compile(r"(.+/traces/(tr-[0-9a-f]+)/artifacts)(?:/|$)"), lambda trace: _trace(auth, trace)),
        (re.compile(r"(.+/([0-9a-f]{32})/artifacts)(?:/|$)"), lambda run: _run(auth, run)),
    ]
    handlers: Any = importlib.import_module("mlflow.server.handlers")

    @lru_cache(SIZE)
    def looked_up(kind: int, number: str) -> Owner:
        return folders[kind][1](number)

    def owner_of(path: str) -> Owner | None:
        for kind, (pattern, _) in enumerate(folders):
            if found := pattern.match(path):
                owner = found_or_none(looked_up, kind, found[2])
                if owner and handlers._is_servable_proxied_run_artifact_root(owner.folder):
                    folder = handlers._get_proxied_run_artifact_destination_path(owner.folder)
                    return owner if folder.strip("/") == found[1] else None
        return None

    return owner_of


def _store() -> Any:
    return importlib.import_module("mlflow.server.handlers")._get_tracking_store()


def _run(auth: Any, number: str) -> Owner:
    info = _store().get_run(number).info
    return Owner(auth.RESOURCE_TYPE_RUN, info.experiment_id, info.artifact_uri)


def _model(auth: Any, number: str) -> Owner:
    model = _store().get_logged_model(number)
    return Owner(auth.RESOURCE_TYPE_LOGGED_MODEL, model.experiment_id, model.artifact_location)


def _trace(auth: Any, number: str) -> Owner:
    info = _store().get_trace_info(number)
    return Owner(auth.RESOURCE_TYPE_TRACE, info.experiment_id, info.tags.get("mlflow.artifactLocation", ""))
