"""What may not be combined in `backendStore` and `artifactRoot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.existing_secrets import DATABASE_SECRET
from flowship.values.rules.conditions import All, Given, Matches, Not, Some, several
from flowship.values.rules.rule import FROM_SECRETS, Rule, given, required

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASES = ("backendStore.postgres.enabled", "backendStore.mysql.enabled", "postgresql.enabled", "mysql.enabled")
STORES = ("artifactRoot.s3.enabled", "artifactRoot.gcs.enabled", "artifactRoot.azureBlob.enabled")

PROXIED = "artifactRoot.proxiedArtifactStorage"
DIRECT = "artifactRoot.directTransfer"
ENDPOINT = "extraEnvVars.MLFLOW_S3_ENDPOINT_URL"


def databases() -> Iterator[Rule]:
    """One database, with everything that is needed to reach it."""
    yield Rule(
        DATABASES,
        several(DATABASES),
        "only one of these may be true, because MLflow keeps its runs in one database. Keep the one you want, and set "
        "the others to false. Chart 0.16.5 used PostgreSQL before MySQL.",
    )
    yield Rule(
        ("backendStore.databaseConnectionCheck",),
        All(Given("backendStore.databaseConnectionCheck"), Not(Some(*map(Given, DATABASES)))),
        "would do nothing, because no database server is enabled. Enable one of backendStore.postgres, "
        "backendStore.mysql, postgresql or mysql, or set this to false.",
    )
    for section in ("backendStore.postgres", "backendStore.mysql"):
        yield from server(section, f"{DATABASE_SECRET}.name")


def server(section: str, secret: str) -> Iterator[Rule]:
    """How a database server of the user's own is named; `secret` is the key that names a Secret with its login."""
    or_secret = f", or name a Secret in {secret}"
    yield required(section, "host", "the server's host name")
    yield required(section, "database", "the name of a database that exists")
    yield required(section, "user", f"the database user{or_secret}", Given(secret))
    yield required(section, "password", f"the user's password{or_secret}", Given(secret))


def object_stores() -> Iterator[Rule]:
    """One object store, named in full, with whole credentials."""
    yield Rule(
        STORES,
        several(STORES),
        "only one of these may be true, because artifacts have one root. Keep the one you want, and set the others to "
        "false. Chart 0.16.5 used artifactRoot.azureBlob, then artifactRoot.s3.",
    )
    yield required("artifactRoot.s3", "bucket", "the bucket's name")
    yield required("artifactRoot.gcs", "bucket", "the bucket's name")
    yield required("artifactRoot.azureBlob", "container", "the container's name")
    yield required("artifactRoot.azureBlob", "storageAccount", "the storage account's name")
    yield from direct_transfers()
    pair = ("artifactRoot.s3.awsAccessKeyId", "artifactRoot.s3.awsSecretAccessKey")
    halves = tuple(map(given, pair))
    yield Rule(
        pair,
        All(Some(*halves), Not(All(*halves)), Not(FROM_SECRETS)),
        "only one half of the key pair is given. Write both, or neither to use a role.",
    )
    secrets = ("artifactRoot.azureBlob.connectionString", "artifactRoot.azureBlob.accessKey")
    yield Rule(
        secrets,
        several(secrets),
        "only one of these may be given, because only one would be used. Keep one, and empty the other. With both, the "
        "first was used.",
    )


def direct_transfers() -> Iterator[Rule]:
    """What clients may do past the server is something that they would not do anyway, and that they can do."""
    direct = Matches(DIRECT, r"^(downloads|uploads|both)\z")
    a_store = Some(*map(Given, STORES))
    yield Rule(
        (DIRECT,),
        All(direct, Not(a_store)),
        "leads clients past the server, but only the server reaches artifacts on its disk. Write none, or enable an "
        "object store.",
    )
    yield Rule(
        (DIRECT, PROXIED),
        All(direct, a_store, Not(Given(PROXIED))),
        "the first would do nothing, because clients go to the object store with credentials of their own. Write none, "
        "or set the second to true.",
    )
    yield Rule(
        (DIRECT,),
        All(Matches(DIRECT, r"^(downloads|both)\z"), Some(*map(Given, STORES[1:]))),
        "asks for signed downloads, which MLflow makes for S3 only. Write uploads or none.",
    )
    yield Rule(
        (DIRECT, ENDPOINT),
        All(direct, Given(STORES[0]), Matches(ENDPOINT, r"^https?://[^./:\[]+([:/]|\z)")),
        "the second is a name without a dot, which clients elsewhere do not know, but they would be sent there. Write "
        "the address by which they reach the store, or none for the first.",
    )
