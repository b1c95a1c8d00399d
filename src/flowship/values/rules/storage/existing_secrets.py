"""What may not be combined with Secrets of the user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.storage.existing_secrets import DATABASE_SECRET, EXISTING_SECRETS, GCS_SECRET
from flowship.values.model.variables import VARIABLES
from flowship.values.rules.language.conditions import any_given, given, gives
from flowship.values.rules.language.rule import Rule, provided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.values.model.storage.existing_secrets import ExistingSecret

KEYS = {
    "usernameKey": "the user",
    "passwordKey": "the password",
    "accessKeyIdKey": "the access key id",
    "secretAccessKeyKey": "the secret access key",
    "clientSecretKey": "the client's secret",
    "key": "the key",
    "webhookKeyKey": "the key for webhooks",
    "gatewayPassphraseKey": "the passphrase of the gateway",
}
"""The keys that say where a Secret holds something, and what that is."""


GIVES_FLASK_KEY = provided("flaskServerSecretKey") | given("existingFlaskSecret.name")
"""The values say where Flask's key is."""


def existing_secrets() -> Iterator[Rule]:
    """A credential comes from one place, and a Secret that is named is used."""
    for secret in EXISTING_SECRETS:
        yield from _beside(secret)
    for key in dict.fromkeys(secret.key for secret in EXISTING_SECRETS):
        yield from _named(key, [secret for secret in EXISTING_SECRETS if secret.key == key])
    yield from _file_of_google()


def _beside(secret: ExistingSecret) -> Iterator[Rule]:
    counted = " Chart 0.16.5 used the Secret." if secret.key == DATABASE_SECRET else ""
    reason = f"only one of these may be given, because the Secret holds {secret.holds}. Keep one of them.{counted}"
    name = f"{secret.key}.name"
    in_use = given(f"{secret.used_by}.enabled", name) if secret.used_by else given(name)
    for variable in VARIABLES:
        if variable.name in secret.variables and variable.section == secret.used_by:
            yield Rule((variable.key, name), in_use & given(variable.key), reason, about_files=True)
            extra = f"extraEnvVars.{variable.name}"
            yield Rule((extra, name), in_use & gives(variable.name), reason, about_files=True)


def _named(key: str, secrets: list[ExistingSecret]) -> Iterator[Rule]:
    name = f"{key}.name"
    enabled = [f"{secret.used_by}.enabled" for secret in secrets if secret.used_by]
    if key == DATABASE_SECRET:
        yield Rule(
            (name,),
            given(name) & ~any_given(*enabled),
            f"would not be used, because neither {enabled[0]} nor {enabled[1]} is true. Enable one, or remove the "
            "Secret's name.",
        )
    elif enabled:
        yield _unused(name, enabled[0])
    if secrets[0].one_of:
        either = tuple(f"{key}.{each}" for each in secrets[0].variables.values())
        yield Rule(
            either,
            given(name) & (given(*either) | ~any_given(*either)),
            f"exactly one of these must be given, because {name} is. Write the key under which the Secret holds it, "
            "and leave the other empty.",
        )
        return
    for each in secrets[0].variables.values():
        yield _empty(f"{key}.{each}", name, KEYS[each])


def _file_of_google() -> Iterator[Rule]:
    name, variable = f"{GCS_SECRET}.name", "GOOGLE_APPLICATION_CREDENTIALS"
    yield Rule(
        (f"extraEnvVars.{variable}", name),
        given("artifactRoot.gcs.enabled", name) & gives(variable),
        "only one of these may be given, because the Secret holds the file. Keep one of them.",
        about_files=True,
    )
    yield _unused(name, "artifactRoot.gcs.enabled")
    yield _empty(f"{GCS_SECRET}.fileKey", name, "the file")


def _unused(name: str, enabled: str) -> Rule:
    return Rule(
        (name, enabled),
        given(name) & ~given(enabled),
        f"the first would do nothing, because {enabled} is false. Set that to true, or empty the first.",
    )


def _empty(key: str, name: str, holds: str) -> Rule:
    return Rule(
        (key,),
        given(name) & ~given(key),
        f"is empty, but {name} is given. Write the key under which the Secret holds {holds}.",
    )
