"""From values to the options and the environment of `mlflow server`.

Secrets go into the environment: an argument list is seen by every user of the machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.artifacts.credentials import client_environment
from flowship.values.conflicts import REFUSED_VARIABLES
from flowship.values.variables import extra_variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import URL

    from flowship.artifacts.change import Roots
    from flowship.values.root import Values

INHERITED_STRAYS = (
    "MLFLOW_TRACKING_URI",
    "MLFLOW_TRACKING_USERNAME",
    "MLFLOW_TRACKING_PASSWORD",
    "MLFLOW_TRACKING_TOKEN",
    "MLFLOW_AUTH_ADMIN_USERNAME",
    "MLFLOW_AUTH_ADMIN_PASSWORD",
    "MLFLOW_ENABLE_WORKSPACES",
    *REFUSED_VARIABLES,
)
"""Variables of the caller that would make the server another one than the values say."""

HEALTH = "/health"

QUIET = "ignore:starlette.middleware.wsgi is deprecated"
"""A warning that only MLflow's makers can act on, which each of its processes would print (MLflow 3.17.2)."""


@dataclass(frozen=True)
class Place:
    """Where this server runs: what the values do not say."""

    host: str
    port: int
    data: Path
    auth_config: Path | None = None


@dataclass(frozen=True)
class ServerSettings:
    """What `mlflow server` is started with."""

    arguments: tuple[str, ...]
    environment: dict[str, str | None]
    """Variables to set; None removes one."""


def static_prefix(values: Values) -> str:
    """The path under which everything is served, without a slash at its end."""
    return str(values.extraArgs.get("staticPrefix", ""))


def server_settings(
    values: Values,
    place: Place,
    tracking: URL,
    flask_key: str,
    roots: Roots,
    hosts: Sequence[str] = (),
    origins: Sequence[str] = (),
) -> ServerSettings:
    """What to start, for values that are not refused; `hosts` and `origins` are whole lists, MLflow's own included."""
    arguments = (
        f"--host={place.host}",
        f"--port={place.port}",
        *_artifact_arguments(roots),
        *_app_arguments(values),
        *(f"--{kebab(option)}={_argument(value)}" for option, value in sorted(values.extraArgs.items())),
        *(f"--{kebab(flag)}" for flag in values.extraFlags),
    )
    uri = tracking.render_as_string(hide_password=False)
    changes: dict[str, str | None] = {
        **dict.fromkeys(INHERITED_STRAYS),
        **client_environment(values),
        **telemetry(values),
        "PYTHONWARNINGS": ",".join([QUIET, *_own_warnings(values)]),
        "MLFLOW_BACKEND_STORE_URI": uri,
        "MLFLOW_FLASK_SERVER_SECRET_KEY": flask_key,
    }
    if place.auth_config:
        changes |= _authentication(values, place.auth_config)
    if hosts:
        changes["MLFLOW_SERVER_ALLOWED_HOSTS"] = ",".join(hosts)
    if origins:
        changes["MLFLOW_SERVER_CORS_ALLOWED_ORIGINS"] = ",".join(origins)
    return ServerSettings(arguments, beside_extra(values, changes))


def _own_warnings(values: Values) -> Iterator[str]:
    """What the values say about Python's warnings; the last filter that matches wins."""
    if own := extra_variables(values.extraEnvVars).get("PYTHONWARNINGS"):
        yield own


def beside_extra(values: Values, changes: Mapping[str, str | None]) -> dict[str, str | None]:
    """The changes with `extraEnvVars`: a stray variable of the caller is removed, one of the values is not stray."""
    decided = {name: value for name, value in changes.items() if value is not None}
    return {**dict.fromkeys(changes), **extra_variables(values.extraEnvVars), **decided}


def kebab(name: str) -> str:
    """An option as `mlflow server` spells it: `staticPrefix` is `static-prefix`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower()


def _artifact_arguments(roots: Roots) -> Iterator[str]:
    if roots.direct:
        yield f"--default-artifact-root={roots.direct}"
    if roots.behind:
        yield f"--artifacts-destination={roots.behind}"
    yield "--serve-artifacts" if roots.behind else "--no-serve-artifacts"


def _app_arguments(values: Values) -> Iterator[str]:
    if values.auth.enabled:
        yield f"--app-name={values.auth.appName}"


def _argument(value: str | bool | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def telemetry(values: Values) -> dict[str, str]:
    """The variables that switch MLflow's reports to its makers off, unless the values allow them."""
    if values.telemetry.enabled:
        return {}
    return {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def _authentication(values: Values, config: Path) -> dict[str, str | None]:
    """MLflow's own app needs no admin password, because `auth.admin` has made the admin; another app may."""
    environment: dict[str, str | None] = {
        "MLFLOW_AUTH_CONFIG_PATH": str(config),
        "MLFLOW_AUTH_ADMIN_USERNAME": values.auth.adminUsername,  # exactly: a file's reader strips spaces
    }
    if values.auth.appName != "basic-auth":
        environment["MLFLOW_AUTH_ADMIN_PASSWORD"] = values.auth.adminPassword
    return environment


def applied(environment: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """An environment with the changes made."""
    merged = {**environment, **changes}
    return {name: value for name, value in merged.items() if value is not None}
