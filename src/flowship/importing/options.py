"""Options and flags of `mlflow server`, and the variables that say the same, turned into the keys that decide them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from flowship.importing import artifacts, database
from flowship.importing.draft import inside
from flowship.importing.table import Converted, Kept, LeftOut, NotNeeded
from flowship.values.model.server.access import BASIC_APP
from flowship.values.model.server.process import ServerFlag, ServerOption
from flowship.values.rules.server.process import REFUSED_FLAGS, REFUSED_OPTIONS, REFUSED_VARIABLES, TELEMETRY_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.importing.draft import Draft
    from flowship.importing.table import Translation

_NO_OPTION = (
    "is not an option of `mlflow server` that Flowship hands over. Look for what it did in docs/reference/values.md."
)


def _app(draft: Draft, key: str, value: Any) -> None:
    draft.put(key, ("auth", "enabled"), True)
    draft.put(key, ("auth", "appName"), value)
    if value != BASIC_APP:
        draft.say(key, "is an app of your own, which must be in Flowship's image too.")


def uvicorn(draft: Draft, key: str, options: Any) -> None:
    """uvicorn's options, after the level of its log, for which chart 1.11.5 has keys of its own."""
    level = draft.given("log.level") if draft.given("log.enabled") is not False else None
    given = [f"--log-level={level}"] if level not in (None, "", "info") else []
    if text := " ".join([*given, *([str(options)] if options else [])]):
        draft.put(key, ("extraArgs", "uvicornOpts"), text)


def items(text: Any) -> list[str]:
    """Read a list that is written with commas, as MLflow does."""
    return [item.strip() for item in str(text).split(",") if item.strip()]


def _list_in(to: str) -> Translation:
    return Converted(lambda draft, key, value: draft.put(key, (to,), items(value)))


def _variable(name: str) -> Translation:
    return Converted(lambda draft, key, value: draft.put(key, ("extraEnvVars", name), value))


OPTIONS: Mapping[str, Translation] = {
    **{name: Kept(f"extraArgs.{name}") for name in get_args(ServerOption)},
    "allowedHosts": _list_in("allowedHosts"),
    "appName": Converted(_app),
    "artifactsDestination": Converted(artifacts.destination),
    "backendStoreUri": Converted(database.tracking),
    "corsAllowedOrigins": _list_in("corsAllowedOrigins"),
    "defaultArtifactRoot": Converted(artifacts.default_root),
    "exposePrometheus": NotNeeded("is not needed, because metrics have a port of their own."),
    "gunicornOpts": LeftOut(REFUSED_OPTIONS["gunicornOpts"]),
    "host": LeftOut(REFUSED_OPTIONS["host"], default="0.0.0.0"),  # noqa: S104 - MLflow's word for every address
    "port": Kept("service.port"),
    "readReplicaBackendStoreUri": _variable("MLFLOW_READ_REPLICA_BACKEND_STORE_URI"),
    "registryStoreUri": Converted(database.registry),
    "uvicornOpts": Converted(uvicorn),
    "waitressOpts": LeftOut(REFUSED_OPTIONS["waitressOpts"]),
    "workspaceStoreUri": _variable("MLFLOW_WORKSPACE_STORE_URI"),
}
"""What becomes of each option of `mlflow server`."""

_BY_PROXY = NotNeeded("is not needed, because artifactRoot.proxiedArtifactStorage decides it.")
FLAGS: Mapping[str, Translation] = {
    "serveArtifacts": _BY_PROXY,
    "noServeArtifacts": _BY_PROXY,
    **{name: LeftOut(REFUSED_FLAGS[name]) for name in ("artifactsOnly", "artifactsPresignedOnly", "dev")},
}
"""What becomes of a flag that is not simply handed over."""


def _snake(name: str) -> str:
    return re.sub("([A-Z])", r"_\1", name).upper()


VARIABLES: Mapping[str, Translation] = {
    **{name: LeftOut(f"is decided by other keys. {instead}") for name, instead in REFUSED_VARIABLES.items()},
    **{
        f"MLFLOW_{_snake(option)}": translation
        for option, translation in OPTIONS.items()
        if f"MLFLOW_{_snake(option)}" in REFUSED_VARIABLES
    },
    "MLFLOW_SERVER_X_FRAME_OPTIONS": OPTIONS["xFrameOptions"],
    "MLFLOW_SERVE_ARTIFACTS": _BY_PROXY,
    **{
        name: Converted(lambda draft, key, value: draft.put(key, ("telemetry", "enabled"), not is_true(value)))
        for name in TELEMETRY_VARIABLES
    },
}
"""What becomes of a variable that other keys decide."""


def is_true(value: Any) -> bool:
    """Tell whether MLflow takes the text of a variable for true."""
    return str(value).lower() in ("true", "1")


def arguments(draft: Draft, key: str, value: Any) -> None:
    """Give a map of options, whichever way their names are written."""
    if not isinstance(value, dict):
        draft.leave_out(key, "is not a map. Write the options into extraArgs.")
        return
    for name, each in value.items():
        if each not in (None, ""):
            OPTIONS.get(_camel(name), LeftOut(_NO_OPTION)).apply(draft, inside(key, name), each)


def flags(draft: Draft, key: str, value: Any) -> None:
    """Give a list of flags, whichever way their names are written."""
    if not isinstance(value, list):
        draft.leave_out(key, "is not a list. Write the flags into extraFlags.")
        return
    kept = []
    for name in map(_camel, map(str, value)):
        if name in FLAGS:
            FLAGS[name].apply(draft, inside(key, name), True)
        elif name in get_args(ServerFlag):
            kept.append(name)
        else:
            draft.leave_out(key, _NO_OPTION)
    if kept:
        draft.put(key, ("extraFlags",), kept)


def _camel(name: str) -> str:
    first, *rest = re.split("[_-]", name)
    return first + "".join(part[:1].upper() + part[1:] for part in rest)
