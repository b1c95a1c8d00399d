"""What may not be combined in `backendStore` and `artifactRoot`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.storage.existing_secrets import DATABASE_SECRET
from flowship.values.rules.language.conditions import any_given, given, matches, several
from flowship.values.rules.language.rule import FROM_SECRETS, Rule, provided, required

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASES = ("backendStore.postgres.enabled", "backendStore.mysql.enabled", "postgresql.enabled", "mysql.enabled")
STORES = ("artifactRoot.s3.enabled", "artifactRoot.gcs.enabled", "artifactRoot.azureBlob.enabled")

PROXIED = "artifactRoot.proxiedArtifactStorage"
DIRECT = "artifactRoot.directTransfer"
ENDPOINT = "extraEnvVars.MLFLOW_S3_ENDPOINT_URL"
UPLOAD_OPTIONS = "extraEnvVars.MLFLOW_S3_UPLOAD_EXTRA_ARGS"


def databases() -> Iterator[Rule]:
    """One database, with everything that is needed to reach it."""
    yield Rule(
        DATABASES,
        several(DATABASES),
        "only one of these may be true, because MLflow keeps its runs in one database. Keep the one you want, and set "
        "the others to false. Chart 0.16.5 used PostgreSQL before MySQL.",
    )
    for key in ("backendStore.databaseConnectionCheck", "backendStore.fromSQLite"):
        yield Rule(
            (key,),
            given(key) & ~any_given(*DATABASES),
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
    yield required(section, "user", f"the database user{or_secret}", given(secret))
    yield required(section, "password", f"the user's password{or_secret}", given(secret))


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
    one, other = map(provided, pair)
    yield Rule(
        pair,
        (one | other) & ~(one & other) & ~FROM_SECRETS,
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
    direct = matches(DIRECT, r"^(downloads|uploads|both|only)\z")
    a_store = any_given(*STORES)
    yield Rule(
        (DIRECT,),
        direct & ~a_store,
        "leads clients past the server, but only the server reaches artifacts on its disk. Write none, or enable an "
        "object store.",
    )
    yield Rule(
        (DIRECT, PROXIED),
        direct & a_store & ~given(PROXIED),
        "the first would do nothing, because clients go to the object store with credentials of their own. Write none, "
        "or set the second to true.",
    )
    yield Rule(
        (DIRECT,),
        matches(DIRECT, r"^(downloads|both|only)\z") & any_given(*STORES[1:]),
        "asks for signed downloads, which MLflow makes for S3 only. Write uploads or none.",
    )
    yield Rule(
        (DIRECT, ENDPOINT),
        direct & given(STORES[0]) & matches(ENDPOINT, r"^https?://[^./:\[]+([:/]|\z)"),
        "the second is a name without a dot, which clients elsewhere do not know, but they would be sent there. Write "
        "the address by which they reach the store, or none for the first.",
    )
    yield Rule(
        (DIRECT, UPLOAD_OPTIONS),
        direct & matches(UPLOAD_OPTIONS, "SSECustomerKey"),
        "the second holds a key (SSECustomerKey), which clients would be given with each signed address. Write none "
        "for the first, or take the key out of the second.",
    )
