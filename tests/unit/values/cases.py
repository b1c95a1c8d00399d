"""Values that break the rules across keys, each with the exact sentences, and the smallest change that mends them.

`tests/unit/values/rules/test_all_rules.py` shows them to Python, `tests/chart/test_refusals.py` to the real Helm.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

POSTGRES = {
    "backendStore.postgres.enabled": True,
    "backendStore.postgres.host": "db",
    "backendStore.postgres.database": "mlflow",
    "backendStore.postgres.user": "ann",
    "backendStore.postgres.password": "sesame",
}
MYSQL = {key.replace("postgres", "mysql"): value for key, value in POSTGRES.items()}
AUTH_POSTGRES = {key.replace("backendStore", "auth"): value for key, value in POSTGRES.items()}
SERVERS = {"backendStore.postgres": POSTGRES, "backendStore.mysql": MYSQL}
SECRET = {"backendStore.existingDatabaseSecret.name": "login"}
S3 = {"artifactRoot.s3.enabled": True, "artifactRoot.s3.bucket": "b"}
AZURE = {
    "artifactRoot.azureBlob.enabled": True,
    "artifactRoot.azureBlob.container": "c",
    "artifactRoot.azureBlob.storageAccount": "a",
}
AUTH = {"auth.enabled": True, "auth.adminUsername": "ann", "auth.adminPassword": "open sesame!"}
LDAP = {
    "ldapAuth.enabled": True,
    "ldapAuth.uri": "ldaps://ldap",
    "ldapAuth.lookupBind": "uid=%s,dc=x",
    "ldapAuth.searchBaseDistinguishedName": "ou=groups,dc=x",
    "ldapAuth.userGroupDistinguishedName": "cn=users,dc=x",
}
WEBHOOK_KEY = "Aa0_-" * 8 + "abc="
SOURCE = {"valueFrom": {"secretKeyRef": {"name": "login", "key": "password"}}}


@dataclass(frozen=True)
class Case:
    """Values by dotted key; None is null. `mended` lies over `values`."""

    values: dict[str, Any]
    refusals: tuple[str, ...]
    mended: dict[str, Any] = field(default_factory=dict)


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    """Values as a file holds them."""
    values: dict[str, Any] = {}
    for key, value in flat.items():
        *parents, last = key.split(".")
        below = values
        for parent in parents:
            below = below.setdefault(parent, {})
        below[last] = deepcopy(value)  # which a key below it may change
    return values


def case(values: dict[str, Any], *refusals: str, **mended: Any) -> Case:
    """A case whose mending is one key, `_` for its dots, or several."""
    return Case(values, refusals, {key.replace("_", "."): value for key, value in mended.items()})


def without(values: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}


ONE_DATABASE = (
    "backendStore.postgres.enabled, backendStore.mysql.enabled, postgresql.enabled, mysql.enabled: only one of these "
    "may be true, because MLflow keeps its runs in one database. Keep the one you want, and set the others to false. "
    "Chart 0.16.5 used PostgreSQL before MySQL."
)
ONE_SECRET = (
    "only one of these may be given, because the Secret holds the user and the password. Keep one of them. Chart "
    "0.16.5 used the Secret."
)
NAME = "backendStore.existingDatabaseSecret.name"


NO_HOST = "holds more than a host name. Write the name or address of one server only."
NO_HOSTS = (
    "is no host name. Write the name or address of the server, several with commas between, or the absolute path of a "
    "socket's directory."
)


def servers() -> list[Case]:
    meanings = {"host": "the server's host name", "database": "the name of a database that exists"}
    found = []
    for section, values in (*SERVERS.items(), ("auth.postgres", {**AUTH, **AUTH_POSTGRES})):
        named = "auth.postgres.existingSecret.name" if section == "auth.postgres" else NAME
        secret = f", or name a Secret in {named}"
        login = {"user": f"the database user{secret}", "password": f"the user's password{secret}"}
        for key, meaning in {**meanings, **login}.items():
            name = f"{section}.{key}"
            refusal = f"{name}: is empty, but {section}.enabled is true. Write {meaning}."
            found.append(Case(without(values, name), (refusal,), {name: "x"}))
        host = f"{section}.host"
        several = section.endswith("postgres")
        one = f"{host}: {NO_HOSTS if several else NO_HOST}"
        wrong = (
            "ann@db",
            "db/x",
            "db ",
            "[::1]",
            *(("a,", "a,,b", ",a", "/run/a,/run/b") if several else ("a,b", "/run")),
        )
        right = "pg-1,pg-2" if several else "db.example.com"
        found += [Case({**values, host: text}, (one,), {host: right}) for text in wrong]
        if several:
            port = f"{host}: holds a port. Write host names only, and the port of them all in {section}.port."
            socket = "/cloudsql/project:region:instance"
            found += [Case({**values, host: text}, (port,), {host: socket}) for text in ("db:5432", "a:1,b:2", "a,b:2")]
        else:
            port = f"{host}: ends with a port. Write the host name only, and the port in {section}.port."
        found.append(Case({**values, host: "db:5432"}, (port,), {host: "2001:db8::1"}))
    return found


def secrets() -> list[Case]:
    found = []
    variables = {"postgres": ("PGUSER", "PGPASSWORD"), "mysql": ("MYSQL_USERNAME", "MYSQL_PWD")}
    for section, values in SERVERS.items():
        bare = without(without(values, f"{section}.user"), f"{section}.password")
        for key, variable in zip(("user", "password"), variables[section.split(".")[1]], strict=True):
            name = f"{section}.{key}"
            found += [
                Case({**bare, name: "x", **SECRET}, (f"{name}, {NAME}: {ONE_SECRET}",), {name: ""}),
                Case(
                    {**bare, f"extraEnvVars.{variable}": SOURCE, **SECRET},
                    (f"extraEnvVars.{variable}, {NAME}: {ONE_SECRET}",),
                    {f"extraEnvVars.{variable}": None},
                ),
            ]
        for key, holds in {"usernameKey": "user", "passwordKey": "password"}.items():
            name = f"backendStore.existingDatabaseSecret.{key}"
            refusal = f"{name}: is empty, but {NAME} is given. Write the key under which the Secret holds the {holds}."
            found.append(Case({**bare, **SECRET, name: ""}, (refusal,), {name: "x"}))
    unused = (
        f"{NAME}: would not be used, because neither backendStore.postgres.enabled nor backendStore.mysql.enabled is "
        "true. Enable one, or remove the Secret's name."
    )
    found.append(Case(SECRET, (unused,), {NAME: ""}))
    found.append(Case({**SECRET, "postgresql.enabled": True}, (unused,), {NAME: None}))
    return found


DATABASES = [
    case({**POSTGRES, **MYSQL}, ONE_DATABASE, backendStore_mysql_enabled=False),
    case({**POSTGRES, "postgresql.enabled": True}, ONE_DATABASE, postgresql_enabled=False),
    case({"postgresql.enabled": True, "mysql.enabled": True}, ONE_DATABASE, mysql_enabled=None),
    case(
        {"backendStore.fromSQLite": True},
        "backendStore.fromSQLite: would do nothing, because no database server is enabled. Enable one of "
        "backendStore.postgres, backendStore.mysql, postgresql or mysql, or set this to false.",
        mysql_enabled=True,
    ),
    case(
        {"backendStore.databaseConnectionCheck": True},
        "backendStore.databaseConnectionCheck: would do nothing, because no database server is enabled. Enable one of "
        "backendStore.postgres, backendStore.mysql, postgresql or mysql, or set this to false.",
        mysql_enabled=True,
    ),
    *servers(),
    *secrets(),
]


def idle(key: str, enabled: str) -> str:
    """What is said of a key that would do nothing, because another one does not enable its section."""
    return (
        f"{key}, {enabled}: the first would do nothing, because {enabled} is false. Set that to true, or empty the "
        "first."
    )


def empty(key: str, meaning: str) -> str:
    return f"{key}: is empty, but {key.rpartition('.')[0]}.enabled is true. Write {meaning}."


ONE_STORE = (
    "artifactRoot.s3.enabled, artifactRoot.gcs.enabled, artifactRoot.azureBlob.enabled: only one of these may be true, "
    "because artifacts have one root. Keep the one you want, and set the others to false. Chart 0.16.5 used "
    "artifactRoot.azureBlob, then artifactRoot.s3."
)
PAIR = (
    "artifactRoot.s3.awsAccessKeyId, artifactRoot.s3.awsSecretAccessKey: only one half of the key pair is given. Write "
    "both, or neither to use a role."
)
DIRECT = "artifactRoot.directTransfer"
ENDPOINT = "extraEnvVars.MLFLOW_S3_ENDPOINT_URL"
PROXIED = {"artifactRoot.proxiedArtifactStorage": True}
GCS = {"artifactRoot.gcs.enabled": True, "artifactRoot.gcs.bucket": "b"}
UPLOAD_OPTIONS = "extraEnvVars.MLFLOW_S3_UPLOAD_EXTRA_ARGS"
DIRECT_TRANSFERS = [
    *(
        Case(
            {**S3, **PROXIED, DIRECT: "uploads", UPLOAD_OPTIONS: with_key},
            (
                f"{DIRECT}, {UPLOAD_OPTIONS}: the second holds a key (SSECustomerKey), which clients would be given "
                "with each signed address. Write none for the first, or take the key out of the second.",
            ),
            {UPLOAD_OPTIONS: '{"ServerSideEncryption": "aws:kms"}'},
        )
        for with_key in ('{"SSECustomerKey": "k"}', {"SSECustomerKey": "k"})
    ),
    *(
        Case(
            {DIRECT: way},
            (
                f"{DIRECT}: leads clients past the server, but only the server reaches artifacts on its disk. Write "
                "none, or enable an object store.",
            ),
            {**S3, **PROXIED},
        )
        for way in ("downloads", "uploads", "both", "only")
    ),
    Case(
        {**S3, DIRECT: "both"},
        (
            f"{DIRECT}, artifactRoot.proxiedArtifactStorage: the first would do nothing, because clients go to the "
            "object store with credentials of their own. Write none, or set the second to true.",
        ),
        PROXIED,
    ),
    *(
        Case(
            {**store, **PROXIED, DIRECT: way},
            (f"{DIRECT}: asks for signed downloads, which MLflow makes for S3 only. Write uploads or none.",),
            {DIRECT: "uploads"},
        )
        for store in (GCS, AZURE)
        for way in ("downloads", "both", "only")
    ),
    *(
        Case(
            {**S3, **PROXIED, DIRECT: "downloads", ENDPOINT: address},
            (
                f"{DIRECT}, {ENDPOINT}: the second is a name without a dot, which clients elsewhere do not know, but "
                "they would be sent there. Write the address by which they reach the store, or none for the first.",
            ),
            {ENDPOINT: reached},
        )
        for address in ("http://minio-service:9000", "https://minio", "http://localhost/")
        for reached in (
            "https://s3.example.com",
            "http://10.0.0.7:9000",
            "http://minio.team.svc:9000",
            "http://[fd00::7]:9000",
        )
    ),
]
OBJECT_STORES = [
    *DIRECT_TRANSFERS,
    case({**S3, **AZURE}, ONE_STORE, artifactRoot_azureBlob_enabled=False),
    case({**S3, "artifactRoot.gcs.enabled": True, "artifactRoot.gcs.bucket": "b"}, ONE_STORE, artifactRoot_s3=None),
    *(
        case(
            {f"artifactRoot.{store}.enabled": True},
            empty(f"artifactRoot.{store}.bucket", "the bucket's name"),
            **{f"artifactRoot_{store}_bucket": "b"},
        )
        for store in ("s3", "gcs")
    ),
    case(
        {"artifactRoot.azureBlob.enabled": True},
        empty("artifactRoot.azureBlob.container", "the container's name"),
        empty("artifactRoot.azureBlob.storageAccount", "the storage account's name"),
        artifactRoot_azureBlob_enabled=False,
    ),
    *(
        case(
            {f"artifactRoot.{key}": text},
            f"artifactRoot.{key}: holds more than a name. Write the name without scheme, host or path.",
            **{f"artifactRoot_{key.replace('.', '_')}": "team-a.example_1"},
        )
        for key in ("s3.bucket", "gcs.bucket", "azureBlob.container", "azureBlob.storageAccount")
        for text in ("s3://b", "b/", "b c", "b#")
    ),
    *(
        case(
            {f"artifactRoot.{store}.path": text},
            f"artifactRoot.{store}.path: holds `?`, `#`, `..` or a line break. Write a plain prefix, such as "
            "`team-a/mlflow`.",
            **{f"artifactRoot_{store}_path": "/a..b/.c/"},
        )
        for store in ("s3", "gcs", "azureBlob")
        for text in ("a?b", "a#b", "..", "a/../b", "a/..", "a\n")
    ),
    *(
        case(
            {"artifactRoot.allowedLocations": ["s3://b", text]},
            "artifactRoot.allowedLocations: holds an item that is not a plain address. Write addresses such as "
            "`s3://shared/models`, or `file:///srv/models` for a directory of the server, without `..`, `%`, `?` or "
            "`#`.",
            artifactRoot_allowedLocations=["s3://", "s3://b/a b/", "gs://b/..a", "file:///srv"],
        )
        for text in ("b", "/srv", "S3://b", "s3:/b", "s3://b?", "s3://b#", "s3://b/%41", "s3://b/..", "s3://b/./c", "")
    ),
    Case({**S3, "artifactRoot.s3.awsAccessKeyId": "k"}, (PAIR,), {"extraEnvVars.AWS_SECRET_ACCESS_KEY": SOURCE}),
    Case({**S3, "artifactRoot.s3.awsSecretAccessKey": "k"}, (PAIR,), {"extraSecretNamesForEnvFrom": ["keys"]}),
    Case({**S3, "extraEnvVars.aws_access_key_id": "k"}, (PAIR,), {"artifactRoot.s3.awsSecretAccessKey": "k"}),
    case(
        {"artifactRoot.azureBlob.connectionString": "x", "artifactRoot.azureBlob.accessKey": "k"},
        "artifactRoot.azureBlob.connectionString, artifactRoot.azureBlob.accessKey: only one of these may be given, "
        "because only one would be used. Keep one, and empty the other. With both, the first was used.",
        artifactRoot_azureBlob_accessKey="",
    ),
]

STORE_CASES = [*DATABASES, *OBJECT_STORES]
"""The rules of databases and object stores."""
