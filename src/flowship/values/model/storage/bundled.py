"""The database servers that the chart installs beside MLflow.

Their keys are those of Bitnami's charts, which chart 0.16.5 installed, as far as they are here.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowship.values.model.fields.section import CLUSTER_ONLY, IN_VARIABLE, POD_ONLY, Map, Password, Port, Section
from flowship.values.model.fields.shape import Without
from flowship.values.model.fields.texts import Digest, ObjectName

UNQUOTED = Without(
    r"['\"\x60\\\r\n]",
    "holds a quote, a backslash or a line break, which the database's image cannot take. Choose a name without one.",
)
ONE_LINE = Without(r"\n", "holds a line break, which the database's image cannot take. Choose a password without one.")
OFFICIAL = Without(
    r"(^|/)bitnami[a-z]*/",
    "is an image of Bitnami's, which takes other variables and keeps its data elsewhere. Remove the key, or name a "
    "copy of the official image.",
)


class BundledAuth(Section):
    """User, password and database that the server is made with."""

    database: Annotated[str, UNQUOTED] = "mlflow"
    """Name of the database."""
    username: Annotated[str, UNQUOTED] = ""
    """User as whom MLflow logs in, who owns the database and may do nothing else. When empty, or the superuser's name,
    it is `mlflow`, with a password of its own that is made; on a laptop, it is the superuser."""
    password: Annotated[Password, IN_VARIABLE, ONE_LINE] = ""
    """Password of that user, or the superuser's where none is named; made once and kept when empty. The superuser's is
    read when the database is made: to change it later, change it in the database first."""
    existingSecret: Annotated[ObjectName, CLUSTER_ONLY] = ""
    """Name of a Secret of your own that holds the passwords. On a laptop, set PGPASSWORD or MYSQL_PWD instead."""


class PostgresqlSecretKeys(Section):
    """Where a Secret of your own holds the passwords."""

    adminPasswordKey: str = "postgres-password"
    """Key of the password of the superuser, `postgres`."""
    userPasswordKey: str = "password"
    """Key of the password of auth.username, if that is given."""


class MysqlSecretKeys(Section):
    """Where a Secret of your own holds the passwords."""

    adminPasswordKey: str = "mysql-root-password"
    """Key of the password of the superuser, `root`."""
    userPasswordKey: str = "mysql-password"
    """Key of the password of auth.username, if that is given."""


class PostgresqlAuth(BundledAuth):
    """User, password and database that the server is made with."""

    postgresPassword: Annotated[Password, CLUSTER_ONLY, ONE_LINE] = ""
    """Password of the superuser, `postgres`, as whom MLflow never logs in; made once and kept when empty."""
    secretKeys: Annotated[PostgresqlSecretKeys, CLUSTER_ONLY] = PostgresqlSecretKeys()


class MysqlAuth(BundledAuth):
    """User, password and database that the server is made with."""

    rootPassword: Annotated[Password, CLUSTER_ONLY, ONE_LINE] = ""
    """Password of the superuser, `root`, as whom MLflow never logs in; made once and kept when empty."""
    secretKeys: Annotated[MysqlSecretKeys, CLUSTER_ONLY] = MysqlSecretKeys()


class DatabaseImage(Section):
    """The server's image: the official one, or a copy of it in a registry of yours."""

    repository: Annotated[str, OFFICIAL]
    """Registry and name of the image."""
    tag: str
    """Tag of the image."""
    digest: Digest = ""
    """Digest of the image, such as `sha256:...`; it decides instead of the tag."""
    pullPolicy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    """When the image is pulled."""
    pullSecrets: list[str] = Field(default_factory=list)
    """Names of the Secrets with which the image is pulled."""


class PostgresqlImage(DatabaseImage):
    """The server's image: the official one, or a copy of it in a registry of yours."""

    repository: Annotated[str, OFFICIAL] = "postgres"
    """Registry and name of the image."""
    tag: str = "17"
    """Tag of the image. Another major version does not open the data of this one."""


class MysqlImage(DatabaseImage):
    """The server's image: the official one, or a copy of it in a registry of yours."""

    repository: Annotated[str, OFFICIAL] = "mysql"
    """Registry and name of the image. With `mariadb` a new database is made by MariaDB; neither of the two opens the
    data of the other."""
    tag: str = ""
    """Tag of the image; when empty 9, and 11 for MariaDB."""


AccessMode = Literal["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"]


def _one_node() -> list[AccessMode]:
    return ["ReadWriteOnce"]


class BundledPersistence(Section):
    """The claim that keeps the database, and that stays when the release is uninstalled."""

    enabled: bool = True
    """Keep the database on a claim. When false, it is lost with its pod."""
    existingClaim: ObjectName = ""
    """Name of a claim of your own to use instead."""
    size: str = "8Gi"
    """Size of the claim."""
    storageClass: str = ""
    """Storage class of the claim; the cluster's default when empty, none when `-`."""
    accessModes: list[AccessMode] = Field(default_factory=_one_node)
    """Access modes of the claim; one pod uses it."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the claim."""


REQUESTS = {"cpu": "250m", "memory": "512Mi"}
"""What the server requests."""


class BundledPrimary(Section):
    """The server's pod."""

    persistence: Annotated[BundledPersistence, CLUSTER_ONLY] = BundledPersistence()
    resources: Annotated[Map, CLUSTER_ONLY] = Field(default_factory=dict)
    """Requests and limits of the server. 250m of CPU and 512Mi of memory are requested where neither a request nor a
    limit of yours says more."""
    extraArgs: Annotated[list[str], CLUSTER_ONLY] = Field(default_factory=list)
    """Arguments of the server, after the chart's own; they replace its pod."""
    nodeSelector: Annotated[dict[str, str], CLUSTER_ONLY] = Field(default_factory=dict)
    """Labels of the nodes that the pod may run on."""
    tolerations: Annotated[list[Map], CLUSTER_ONLY] = Field(default_factory=list)
    """Taints that the pod tolerates."""


class PostgresqlPorts(Section):
    """Ports of the server's Service."""

    postgresql: Port = 5432
    """Port of PostgreSQL."""


class MysqlPorts(Section):
    """Ports of the server's Service."""

    mysql: Port = 3306
    """Port of MySQL."""


class PostgresqlService(Section):
    """The server's Service."""

    ports: PostgresqlPorts = PostgresqlPorts()


class MysqlService(Section):
    """The server's Service."""

    ports: MysqlPorts = MysqlPorts()


class PostgresqlPrimary(BundledPrimary):
    """The server's pod."""

    service: PostgresqlService = PostgresqlService()


class MysqlPrimary(BundledPrimary):
    """The server's pod."""

    service: MysqlService = MysqlService()


class Postgresql(Section):
    """A PostgreSQL server that the chart installs beside MLflow."""

    enabled: bool = False
    """Install PostgreSQL and keep the data in it. On a laptop, PGHOST and its kin name a server to use instead."""
    architecture: Literal["standalone"] = "standalone"
    """One server; replication is not offered."""
    fromBitnami: Annotated[bool, POD_ONLY] = False
    """Move the data of the database that chart 0.16.5 had from Bitnami: an upgrade dumps it before anything changes,
    and restores the dump into the new, empty server. Set it to false when your runs are there."""
    image: Annotated[PostgresqlImage, CLUSTER_ONLY] = PostgresqlImage()
    auth: PostgresqlAuth = PostgresqlAuth()
    primary: PostgresqlPrimary = PostgresqlPrimary()
    global_: dict[str, object] = Field(default_factory=dict, alias="global", exclude=True)
    """Helm's own: the values of `global`, handed to every subchart."""


class Mysql(Section):
    """A MySQL or MariaDB server that the chart installs beside MLflow."""

    enabled: bool = False
    """Install MySQL and keep the data in it. On a laptop, MYSQL_HOST and its kin name a server to use instead."""
    architecture: Literal["standalone"] = "standalone"
    """One server; replication is not offered."""
    fromBitnami: Annotated[bool, POD_ONLY] = False
    """Move the data of the database that chart 0.16.5 had from Bitnami: an upgrade dumps it before anything changes,
    and restores the dump into the new, empty server. Set it to false when your runs are there."""
    image: Annotated[MysqlImage, CLUSTER_ONLY] = MysqlImage()
    auth: MysqlAuth = MysqlAuth()
    primary: MysqlPrimary = MysqlPrimary()
    global_: dict[str, object] = Field(default_factory=dict, alias="global", exclude=True)
    """Helm's own: the values of `global`, handed to every subchart."""
