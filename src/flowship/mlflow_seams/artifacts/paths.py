"""Where MLflow reads the paths of artifacts: it decodes them again and again, each time that it asks what they are."""

from __future__ import annotations

import importlib
import posixpath
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowship.mlflow_seams.auth.users import auth_app

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[[str], str]

DIRECTORIES = "mlflow.store.artifact.local_artifact_repo"

READERS = ("mlflow.server.handlers", "mlflow.server.artifact_router", DIRECTORIES)
"""Modules that read a path before they serve what it names."""


def read_paths_once(read: Read, keep: Read, *, users: bool) -> None:
    """Have MLflow take the paths of artifacts as `read` does, instead of decoding them again: when it serves them and,
    where it has users, when it decides what they may do. `keep` sees the path of an upload that is in no URL's path.

    Both raise ValueError, whose words are for the client.
    """
    modules: list[Any] = [importlib.import_module(name) for name in READERS]
    if users:
        modules.append(auth_app())
    for module in modules:
        module.validate_path_is_safe = _as_mlflow(read)
    directories: Any = importlib.import_module(DIRECTORIES)
    directories.LocalArtifactRepository.delete_artifacts = _deleting(_as_mlflow(read))
    _see_names_in_bodies(_as_mlflow(keep))


def _as_mlflow(read: Read) -> Read:
    """Wrap what reads a path, so that what it refuses is MLflow's error for a wrong parameter."""
    from mlflow.exceptions import MlflowException

    def reading(path: str) -> str:
        try:
            return read(path)
        except ValueError as error:
            raise MlflowException.invalid_parameter_value(str(error)) from error

    return reading


def _deleting(read: Read) -> Callable[..., None]:
    def delete_artifacts(repository: Any, artifact_path: str | None = None) -> None:
        """Delete as MLflow's client of a directory does, which decodes the path once more."""
        place = Path(repository.artifact_dir, read(artifact_path or ""))
        if place.is_dir():
            shutil.rmtree(place)
        elif place.exists():
            place.unlink()

    return delete_artifacts


def _see_names_in_bodies(keep: Read) -> None:
    """Have `keep` see the paths of uploads that are in the query or the body."""
    from flask import request
    from mlflow.server.handlers import catch_mlflow_exception

    def in_body() -> str:
        body = request.get_json(force=True, silent=True)
        path = body.get("path") if isinstance(body, dict) else None
        return path if isinstance(path, str) else ""

    def part() -> str:
        return posixpath.join((request.view_args or {}).get("artifact_path", ""), posixpath.basename(in_body()))

    named: dict[str | None, Callable[[], str]] = {
        "serve_upload_artifact": lambda: request.args.get("path", ""),
        "_create_presigned_upload_url": in_body,
        "_create_multipart_upload_artifact": part,
    }

    @catch_mlflow_exception  # type: ignore[untyped-decorator]
    def see() -> None:
        if path := named[request.endpoint]():  # MLflow has its own words for one that is missing
            keep(path)

    app: Any = importlib.import_module("mlflow.server").app
    app.before_request(lambda: see() if request.endpoint in named else None)
