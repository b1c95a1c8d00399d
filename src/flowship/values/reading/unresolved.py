"""What values name that only a cluster has, where they are read on a person's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.finding import Finding
from flowship.values.model.keys import lists_of, lookup, split
from flowship.values.model.storage.existing_secrets import GCS_SECRET
from flowship.values.model.variables import BUNDLED_HOSTS, BUNDLED_PASSWORDS, named_secrets, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowship.values.reading.reading import Reading

A_SECRET = "names a Secret of Kubernetes"  # noqa: S105 - words


def unresolved(reading: Reading) -> list[Finding]:
    """Find what the keys name that is in a cluster, and that the environment does not provide."""
    found = [*_bundled_elsewhere(reading), *_in_secrets(reading)]
    return [reading.placed(finding) for finding in found]


def _missing(key: str, what: str, instead: str) -> Finding:
    return Finding(f"{key}: {what}; here, set {instead}.", (split(key),))


def _bundled_elsewhere(reading: Reading) -> Iterator[Finding]:
    for section in reading.bundled:
        host = BUNDLED_HOSTS[section]
        if not reading.environ.get(host):
            yield _missing(f"{section}.enabled", "the chart installs this server", f"{host} to the host of one to use")
        secret, password = f"{section}.auth.existingSecret", BUNDLED_PASSWORDS[section]
        if lookup(reading.values.model_dump(), secret) and not reading.environ.get(password):
            yield _missing(secret, A_SECRET, f"{password} to what it holds")


def _in_secrets(reading: Reading) -> Iterator[Finding]:
    values, environ = reading.values.model_dump(), reading.environ
    for secret in named_secrets(values):
        names = lists_of(sorted(wanted(secret, values), key=list(secret.variables).index), "and")
        yield _missing(f"{secret.key}.name", A_SECRET, f"{names} to what it holds")
    if lookup(values, f"{GCS_SECRET}.name") and not environ.get("GOOGLE_APPLICATION_CREDENTIALS"):
        file = "GOOGLE_APPLICATION_CREDENTIALS to the path of the file that it holds"
        yield _missing(f"{GCS_SECRET}.name", A_SECRET, file)
    for name, value in reading.values.extraEnvVars.items():
        if isinstance(value, dict) and "valueFrom" in value and name.upper() not in environ:
            key = f"extraEnvVars.{name}.valueFrom"
            yield _missing(key, "is read by Kubernetes", f"the variable {name.upper()}")
    ldap = reading.values.ldapAuth
    if ldap.enabled and ldap.externalSecretForTrustedCACertificate and not environ.get("LDAP_CA"):
        yield _missing(
            "ldapAuth.externalSecretForTrustedCACertificate", A_SECRET, "LDAP_CA to the file of the certificate"
        )
    if reading.values.extraSecretNamesForEnvFrom:
        yield Finding(
            "extraSecretNamesForEnvFrom: names Secrets of Kubernetes. Set the variables that they hold yourself, and "
            "add --set extraSecretNamesForEnvFrom=null.",
            (("extraSecretNamesForEnvFrom",),),
        )
