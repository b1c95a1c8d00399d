"""Environment variables that stand for keys of the values, so that secrets need not be in a file.

In a pod a variable wins over the file, since it comes from a Secret that the user named; on a person's machine it only
fills what the file leaves out, since it may be a stray one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from flowship.values.model.keys import lookup
from flowship.values.model.storage.existing_secrets import EXISTING_SECRETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.values.model.storage.existing_secrets import ExistingSecret

Precedence = Literal["win", "fill"]


@dataclass(frozen=True)
class Variable:
    """A variable and the key it stands for, read when `section`.enabled is true; `instead` is a key it excludes."""

    name: str
    key: str
    section: str = ""
    instead: str = ""


def _all(section: str, keys: Mapping[str, str], enabled: str = "") -> tuple[Variable, ...]:
    return tuple(Variable(name, f"{section}.{key}", enabled or section) for name, key in keys.items())


VARIABLES: tuple[Variable, ...] = (
    *_all(
        "backendStore.postgres",
        {"PGHOST": "host", "PGPORT": "port", "PGDATABASE": "database", "PGUSER": "user", "PGPASSWORD": "password"},
    ),
    *_all(
        "backendStore.mysql",
        {
            "MYSQL_HOST": "host",
            "MYSQL_TCP_PORT": "port",
            "MYSQL_DATABASE": "database",
            "MYSQL_USERNAME": "user",
            "MYSQL_PWD": "password",
        },
    ),
    *_all(
        "postgresql",
        {
            "PGPORT": "primary.service.ports.postgresql",
            "PGDATABASE": "auth.database",
            "PGUSER": "auth.username",
            "PGPASSWORD": "auth.password",
        },
    ),
    *_all(
        "mysql",
        {
            "MYSQL_TCP_PORT": "primary.service.ports.mysql",
            "MYSQL_DATABASE": "auth.database",
            "MYSQL_USERNAME": "auth.username",
            "MYSQL_PWD": "auth.password",
        },
    ),
    *_all("artifactRoot.s3", {"AWS_ACCESS_KEY_ID": "awsAccessKeyId", "AWS_SECRET_ACCESS_KEY": "awsSecretAccessKey"}),
    Variable(
        "AZURE_STORAGE_CONNECTION_STRING",
        "artifactRoot.azureBlob.connectionString",
        "artifactRoot.azureBlob",
        instead="artifactRoot.azureBlob.accessKey",
    ),
    Variable(
        "AZURE_STORAGE_ACCESS_KEY",
        "artifactRoot.azureBlob.accessKey",
        "artifactRoot.azureBlob",
        instead="artifactRoot.azureBlob.connectionString",
    ),
    *_all("auth", {"MLFLOW_AUTH_ADMIN_USERNAME": "adminUsername", "MLFLOW_AUTH_ADMIN_PASSWORD": "adminPassword"}),
    *_all(
        "auth.postgres",
        {
            "FLOWSHIP_AUTH_PGHOST": "host",
            "FLOWSHIP_AUTH_PGPORT": "port",
            "FLOWSHIP_AUTH_PGDATABASE": "database",
            "FLOWSHIP_AUTH_PGUSER": "user",
            "FLOWSHIP_AUTH_PGPASSWORD": "password",
        },
    ),
    *_all("ldapAuth.userSearch", {"FLOWSHIP_LDAP_BIND_PASSWORD": "bindPassword"}),
    *_all("oidcAuth", {"OIDC_CLIENT_SECRET": "clientSecret"}),
    Variable("MLFLOW_FLASK_SERVER_SECRET_KEY", "flaskServerSecretKey"),
    Variable("MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY", "encryption.webhookKey"),
    Variable("MLFLOW_CRYPTO_KEK_PASSPHRASE", "encryption.gatewayPassphrase"),
    Variable("FLOWSHIP_PREVIOUS_WEBHOOK_KEY", "encryption.previousWebhookKey"),
    Variable("FLOWSHIP_PREVIOUS_GATEWAY_PASSPHRASE", "encryption.previousGatewayPassphrase"),
)

BUNDLED_HOSTS = {"postgresql": "PGHOST", "mysql": "MYSQL_HOST"}
"""The variable that names the host of a bundled server: only Helm knows it."""
BUNDLED_PASSWORDS = {"postgresql": "PGPASSWORD", "mysql": "MYSQL_PWD"}
"""The variable that holds the password of a bundled server's user."""

NUMBERS = {"PGPORT", "MYSQL_TCP_PORT", "FLOWSHIP_AUTH_PGPORT"}
"""Variables that stand for a number."""


def overlaid(
    merged: Mapping[str, Any], given: Mapping[str, Any], environ: Mapping[str, str], precedence: Precedence
) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the merged values with what the environment adds, and by which variable each such key was decided.

    `given` is what the files and `--set` say, without defaults: a default is no reason to leave a variable out.
    """
    result, taken = _copy(merged), dict[str, str]()
    half_logins = _half_logins(merged, environ)
    for variable in VARIABLES:
        value = environ.get(variable.name)
        if not value or variable.key in half_logins:
            continue
        if not _reads(variable, merged):
            continue
        said = lookup(given, variable.key) or (variable.instead and lookup(given, variable.instead))
        if precedence == "fill" and said:
            continue
        _set(result, variable.key, _typed(variable.name, value))
        if variable.instead and lookup(result, variable.instead):
            _set(result, variable.instead, "")
        taken[variable.key] = variable.name
    for secret in named_secrets(merged):
        names = wanted(secret, merged)
        if names and names <= set(taken.values()):
            _set(result, f"{secret.key}.name", "")
    return result, taken


def named_secrets(values: Mapping[str, Any]) -> list[ExistingSecret]:
    """Give the Secrets that are named for what is enabled."""
    return [
        secret
        for secret in EXISTING_SECRETS
        if lookup(values, f"{secret.key}.name") and (not secret.used_by or lookup(values, f"{secret.used_by}.enabled"))
    ]


def wanted(secret: ExistingSecret, values: Mapping[str, Any]) -> set[str]:
    """Give the variables that stand for a Secret: those whose keys in it are given."""
    return {name for name, key in secret.variables.items() if lookup(values, f"{secret.key}.{key}")}


def _half_logins(merged: Mapping[str, Any], environ: Mapping[str, str]) -> set[str]:
    """Keys that a stray variable would decide although an existing Secret holds them."""
    halves = {
        name
        for secret in named_secrets(merged)
        for name in secret.variables
        if not all(map(environ.get, wanted(secret, merged)))
    }
    return {variable.key for variable in VARIABLES if variable.name in halves and _reads(variable, merged)}


def _reads(variable: Variable, values: Mapping[str, Any]) -> bool:
    return not variable.section or bool(lookup(values, f"{variable.section}.enabled"))


def extra_variables(extra: Any) -> dict[str, str]:
    """`extraEnvVars` as variables: each name in upper case, and as written if it has a lower-case letter.

    Those with `valueFrom` are left out, since they come from Kubernetes, and so is null, which takes a variable back.
    """
    result: dict[str, str] = {}
    for name, value in extra.items() if isinstance(extra, dict) else ():
        if value is None or (isinstance(value, dict) and "valueFrom" in value):
            continue
        result[str(name)] = result[str(name).upper()] = _variable(value)
    return result


def _variable(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _typed(name: str, value: str) -> str | int:
    """Give a number that cannot be a port stays text, which is refused."""
    return int(value) if name in NUMBERS and value.isascii() and value.isdecimal() and len(value) < 10 else value


def replaced(values: Mapping[str, Any], key: str, value: str | int) -> dict[str, Any]:
    """Give a copy with another value at a dotted key."""
    result = _copy(values)
    _set(result, key, value)
    return result


def _copy(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _copy(value) if isinstance(value, dict) else value for key, value in values.items()}


def _set(values: dict[str, Any], key: str, value: str | int) -> None:
    """Set a dotted key, unless something above it is not a map, which is refused anyway."""
    *parents, last = key.split(".")
    below: Any = values
    for parent in parents:
        below = below.setdefault(parent, {}) if isinstance(below, dict) else None
    if isinstance(below, dict):
        below[last] = value
