"""Values that break the rules across keys, each with the exact sentences, and the smallest change that mends them.

`tests/unit/values/test_conflicts.py` shows them to Python, `tests/chart/test_refusals.py` to the real Helm.
"""

from __future__ import annotations

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
        below[last] = value
    return values


def case(values: dict[str, Any], *refusals: str, **mended: Any) -> Case:
    """A case whose mending is one key, `_` for its dots, or several."""
    return Case(values, refusals, {key.replace("_", "."): value for key, value in mended.items()})


def without(values: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != key}


ONE_DATABASE = (
    "backendStore.postgres.enabled, backendStore.mysql.enabled, postgresql.enabled, mysql.enabled: only one of these "
    "may be true, because MLflow keeps its runs in one database. Keep the one you want, and set the others to false."
)
ONE_SECRET = "only one of these may be given, because the Secret holds the user and the password. Keep one of them."
NAME = "backendStore.existingDatabaseSecret.name"


def servers() -> list[Case]:
    meanings = {"host": "the server's host name", "database": "the name of a database that exists"}
    found = []
    for section, values in (*SERVERS.items(), ("auth.postgres", {**AUTH, **AUTH_POSTGRES})):
        secret = "" if section == "auth.postgres" else f", or name a Secret in {NAME}"
        login = {"user": f"the database user{secret}", "password": f"the user's password{secret}"}
        for key, meaning in {**meanings, **login}.items():
            name = f"{section}.{key}"
            refusal = f"{name}: is empty, but {section}.enabled is true. Write {meaning}."
            found.append(Case(without(values, name), (refusal,), {name: "x"}))
        host = f"{section}.host"
        one = f"{host}: holds more than a host name. Write the name or address of one server only."
        found += [
            Case({**values, host: text}, (one,), {host: "db.example.com"})
            for text in ("ann@db", "db/x", "a,b", "db ", "[::1]")
        ]
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


def bundled() -> list[Case]:
    found = []
    for section, host, own in (("postgresql", "PGHOST", "postgres"), ("mysql", "MYSQL_HOST", "mysql")):
        on = {f"{section}.enabled": True}
        database = f"{section}.auth.database"
        password = f"{section}.auth.password"
        persistence = f"{section}.primary.persistence"
        found += [
            Case(
                {**on, database: ""},
                (
                    f"{database}: is empty, but {section}.enabled is true. Write the name of the database to make, "
                    "such as `mlflow`.",
                ),
                {f"{section}.enabled": False},
            ),
            Case(
                {**on, password: "ses\name"},
                (
                    f"{password}: holds a line break, which the database's image cannot take. Choose a password "
                    "without one.",
                ),
                {password: "ses\tame$%'\""},
            ),
            Case(
                {**on, f"{persistence}.existingClaim": "mine", f"{persistence}.enabled": False},
                (
                    f"{persistence}.existingClaim, {persistence}.enabled: the first would do nothing, because "
                    f"{persistence}.enabled is false. Set that to true, or empty the first.",
                ),
                {f"{persistence}.enabled": True},
            ),
            Case(
                {**on, f"extraEnvVars.{host}": "db"},
                (
                    f"extraEnvVars.{host}, {section}.enabled: only one of these may be given, because the chart names "
                    f"the host of the server that it installs. Remove the variable, or set {section}.enabled to false "
                    f"and write the host in backendStore.{own}.",
                ),
                {f"extraEnvVars.{host}": None},
            ),
        ]
    return found


DATABASES = [
    case({**POSTGRES, **MYSQL}, ONE_DATABASE, backendStore_mysql_enabled=False),
    case({**POSTGRES, "postgresql.enabled": True}, ONE_DATABASE, postgresql_enabled=False),
    case({"postgresql.enabled": True, "mysql.enabled": True}, ONE_DATABASE, mysql_enabled=None),
    case(
        {"backendStore.databaseConnectionCheck": True},
        "backendStore.databaseConnectionCheck: would do nothing, because no database server is enabled. Enable one of "
        "backendStore.postgres, backendStore.mysql, postgresql or mysql, or set this to false.",
        mysql_enabled=True,
    ),
    *servers(),
    *secrets(),
    *bundled(),
]


def empty(key: str, meaning: str) -> str:
    return f"{key}: is empty, but {key.rpartition('.')[0]}.enabled is true. Write {meaning}."


ONE_STORE = (
    "artifactRoot.s3.enabled, artifactRoot.gcs.enabled, artifactRoot.azureBlob.enabled: only one of these may be true, "
    "because artifacts have one root. Keep the one you want, and set the others to false."
)
PAIR = (
    "artifactRoot.s3.awsAccessKeyId, artifactRoot.s3.awsSecretAccessKey: only one half of the key pair is given. Write "
    "both, or neither to use a role."
)
OBJECT_STORES = [
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
    Case({**S3, "artifactRoot.s3.awsAccessKeyId": "k"}, (PAIR,), {"extraEnvVars.AWS_SECRET_ACCESS_KEY": SOURCE}),
    Case({**S3, "artifactRoot.s3.awsSecretAccessKey": "k"}, (PAIR,), {"extraSecretNamesForEnvFrom": ["keys"]}),
    Case({**S3, "extraEnvVars.aws_access_key_id": "k"}, (PAIR,), {"artifactRoot.s3.awsSecretAccessKey": "k"}),
    case(
        {"artifactRoot.azureBlob.connectionString": "x", "artifactRoot.azureBlob.accessKey": "y"},
        "artifactRoot.azureBlob.connectionString, artifactRoot.azureBlob.accessKey: only one of these may be given, "
        "because only one would be used. Keep one, and empty the other.",
        artifactRoot_azureBlob_accessKey="",
    ),
]

TWO_METHODS = (
    "auth.enabled, ldapAuth.enabled: only one of these may be true, because users come from one place. Set the other "
    "to false."
)
SHORT = "auth.adminPassword: is shorter than 12 characters, which MLflow refuses. Write a longer one."
LONG = "auth.adminPassword: is longer than 1000 characters, more than clients can send. Write a shorter one."
KNOWN = "auth.adminPassword: is the one that old versions of MLflow came with, which MLflow refuses. Write another one."
ADMIN = (
    "auth.adminUsername: holds `:` or a control character, or is longer than 255 characters, which a login by HTTP "
    "cannot carry. Write another name."
)
NO_FILE = "auth.sqliteFile: does not name a file. Write a file name, and its directory in auth.sqliteFullPath."
NO_NAME = "auth.configFile: is more than a file name. Write the name here, and its directory in auth.configPath."
NO_URI = "ldapAuth.uri: is not the URI of a directory. Write `ldap://` or `ldaps://` and a host name."

ACCESS = [
    case({**AUTH, **LDAP}, TWO_METHODS, ldapAuth_enabled=False),
    case(
        {"auth.enabled": True},
        empty("auth.adminUsername", "the admin's name"),
        empty("auth.adminPassword", "the admin's password, at least 12 characters"),
        auth=None,
    ),
    Case(
        without(AUTH, "auth.adminPassword"),
        (empty("auth.adminPassword", "the admin's password, at least 12 characters"),),
        {"extraEnvVars.MLFLOW_AUTH_ADMIN_PASSWORD": SOURCE},
    ),
    *(
        case({**AUTH, f"auth.{key}": ""}, empty(f"auth.{key}", meaning), **{f"auth_{key}": good})
        for key, meaning, good in (
            ("appName", "`basic-auth`, or the name of your own MLflow app", "mine"),
            (
                "authorizationFunction",
                "`mlflow.server.auth:authenticate_request_basic_auth`, or your own function",
                "a:b",
            ),
            ("configPath", "a directory such as `/etc/mlflow/auth/`", "/x"),
            ("configFile", "a file name such as `basic_auth.ini`", "x.ini"),
        )
    ),
    Case(
        {**AUTH, "auth.sqliteFile": ""},
        (empty("auth.sqliteFile", "a file name such as `basic_auth.db`"),),
        AUTH_POSTGRES,
    ),
    *(case({**AUTH, "auth.sqliteFile": text}, NO_FILE, auth_sqliteFile="/x/..y.db") for text in ("x/", "..", "../x")),
    *(case({**AUTH, "auth.configFile": text}, NO_NAME, auth_configFile="..x.ini") for text in ("/x.ini", "..")),
    case(
        {**AUTH, "auth.configPath": "etc"},
        "auth.configPath: is not an absolute path. Write one that begins with `/`.",
        auth_configPath="/etc",
    ),
    case({**AUTH, "auth.adminPassword": "elevenchars"}, SHORT, auth_adminPassword="twelve chars"),
    case({**AUTH, "auth.adminPassword": "ünïcödé ñäm"}, SHORT, auth_adminPassword="ünïcödé\nñäme"),
    case({**AUTH, "auth.adminPassword": "password1234"}, KNOWN, auth_adminPassword="password1234\n"),
    case({**AUTH, "auth.adminPassword": "é" * 1001}, LONG, auth_adminPassword="é" * 1000),
    *(
        case({**AUTH, "auth.adminUsername": text}, ADMIN, auth_adminUsername="é" * 255)
        for text in ("a:b", "a\n", "a\tb", "é" * 256)
    ),
    Case(
        AUTH_POSTGRES,
        (
            "auth.postgres.enabled, auth.enabled, ldapAuth.enabled: the first would do nothing, because neither of the "
            "others is true. Set one of them to true, or the first to false.",
        ),
        LDAP,
    ),
    case(
        {**AUTH, **AUTH_POSTGRES, "auth.sqliteFullPath": "/data"},
        "auth.sqliteFullPath, auth.postgres.enabled: the first would do nothing, because users and permissions are "
        "kept in PostgreSQL. Empty it, or set the second to false.",
        auth_postgres_enabled=False,
    ),
    case(
        {"ldapAuth.enabled": True, "ldapAuth.groupAttribute": "", "ldapAuth.searchFilter": ""},
        empty("ldapAuth.uri", "the directory's URI, such as `ldaps://ldap.example.com`"),
        empty("ldapAuth.lookupBind", "the DN to bind as, such as `uid=%s,ou=people,dc=example,dc=com`"),
        empty("ldapAuth.groupAttribute", "the attribute that names a group, such as `dn`"),
        empty("ldapAuth.searchBaseDistinguishedName", "the DN under which groups are searched"),
        empty("ldapAuth.searchFilter", "the filter that finds a user's groups, such as `(uniquemember=%s)`"),
        "ldapAuth.userGroupDistinguishedName, ldapAuth.adminGroupDistinguishedName: both are empty, so nobody could "
        "log in. Write the DN of at least one group.",
        ldapAuth_enabled=False,
    ),
    *(
        case({**LDAP, "ldapAuth.uri": text}, NO_URI, ldapAuth_uri="ldap://lldap:3890/dc=x")
        for text in ("ldap.example.com", "ldap://", "https://ldap", "ldap:/ldap")
    ),
    *(
        Case(
            {**LDAP, f"ldapAuth.{key}": text},
            (f"ldapAuth.{key}: does not hold `%s` once, and no other `%`. Write `%s` where the {stands} goes.",),
            {f"ldapAuth.{key}": "uid=%s,dc=x"},
        )
        for key, stands in (("lookupBind", "user's name"), ("searchFilter", "user's DN"))
        for text in ("uid=ann", "%s %s", "%d", "%s%%")
    ),
    case(
        {**LDAP, "ldapAuth.encodedTrustedCACertificate": "x", "ldapAuth.externalSecretForTrustedCACertificate": "y"},
        "ldapAuth.encodedTrustedCACertificate, ldapAuth.externalSecretForTrustedCACertificate: only one of these may "
        "be given, because only one would be used. Keep one, and empty the other.",
        ldapAuth_encodedTrustedCACertificate="",
    ),
]

MANY = "replicaCount, autoscaling.enabled"
SHARED_DATABASE = (
    f"{MANY}: several pods need a database that they share. Enable one of backendStore.postgres, backendStore.mysql, "
    "postgresql or mysql, or keep one replica."
)
SHARED_STORE = (
    f"{MANY}: several pods need artifacts that they share. Enable one of artifactRoot.s3, artifactRoot.gcs or "
    "artifactRoot.azureBlob, or keep one replica."
)
SHARED_USERS = (
    f"{MANY}: several pods need users and permissions that they share. Enable auth.postgres, or keep one replica."
)
PODS = [
    case({"replicaCount": 2}, SHARED_DATABASE, SHARED_STORE, replicaCount=0),
    case({"autoscaling.enabled": True}, SHARED_DATABASE, SHARED_STORE, autoscaling_enabled=False),
    case({**S3, "replicaCount": 2}, SHARED_DATABASE, mysql_enabled=True),
    Case({**POSTGRES, "replicaCount": 2}, (SHARED_STORE,), AZURE),
    Case({**POSTGRES, **S3, **AUTH, "replicaCount": 2}, (SHARED_USERS,), AUTH_POSTGRES),
    Case({**MYSQL, **S3, **LDAP, "autoscaling.enabled": True}, (SHARED_USERS,), AUTH_POSTGRES),
    case(
        {"autoscaling.minReplicas": 6},
        "autoscaling.minReplicas, autoscaling.maxReplicas: the first is larger than the second. Write at most as many "
        "for the fewest replicas as for the most.",
        autoscaling_maxReplicas=6,
    ),
    *(
        case(
            {"image.repository": name},
            "image.repository: is the image of the chart that Flowship replaces, and has no Flowship in it. Remove the "
            "key, or write the name of an image that holds Flowship.",
            image_repository="registry.example.com/notburakince/mlflow",
        )
        for name in ("burakince/mlflow", "registry.example.com/burakince/mlflow")
    ),
    case(
        {"serviceAccount.create": False, "serviceAccount.annotations": {"example.com/role": "x"}},
        "serviceAccount.annotations, serviceAccount.create: the first would do nothing, because serviceAccount.create "
        "is false. Annotate your own ServiceAccount, or set that to true.",
        serviceAccount_create=True,
    ),
    case(
        {"ingress.enabled": True, "ingress.hosts": []},
        "ingress.hosts, ingress.enabled: the first is empty, but ingress.enabled is true. Write at least one host.",
        ingress_enabled=False,
    ),
]

CASES = [*DATABASES, *OBJECT_STORES, *ACCESS, *PODS]
"""The rules of stores, access and pods; `server_cases` has those of the server's process."""
