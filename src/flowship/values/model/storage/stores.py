"""Where MLflow keeps runs and artifacts: `backendStore` and `artifactRoot`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowship.values.model.fields.section import CLUSTER_ONLY, Password, Port, Section
from flowship.values.model.fields.shape import Shape, Without
from flowship.values.model.fields.texts import Prefix, StoreName
from flowship.values.model.storage.existing_secrets import AzureSecret, DatabaseSecret, GCSSecret, S3Secret

PostgresDriver = Literal["", "psycopg2", "psycopg"]
MySQLDriver = Literal["", "pymysql"]

PostgresHost = Annotated[
    str,
    Without(
        r"[ \t\r\n@\[\]?#]|(^|,)[^/,][^,]*/|^/.*,|(^|,),|.,\z",
        "is no host name. Write the name or address of the server, several with commas between, or the absolute path "
        "of a socket's directory.",
    ),
    Without(
        r"(^|,)[^/:,]+:[0-9]+(,|\z)",
        "holds a port. Write host names only, and the port of them all in {section}.port.",
    ),
]
"""What PostgreSQL's library takes: names with commas between, of which it tries each, and a socket's directory."""
MySQLHost = Annotated[
    str,
    Without(r"[ \t\r\n/@,\[\]]", "holds more than a host name. Write the name or address of one server only."),
    Without(r"^[^:]*:[0-9]+\z", "ends with a port. Write the host name only, and the port in {section}.port."),
]
_SEGMENT = r"(\.{0,2}[^?#\\%\r\n\t/.][^?#\\%\r\n\t/]*|\.{3}[^?#\\%\r\n\t/]*)?"
"""A part of a path that is neither `.` nor `..`."""
Location = Annotated[
    str,
    Shape(
        rf"^[a-z][a-z0-9+.-]*://{_SEGMENT}(/{_SEGMENT})*\z",
        "holds an item that is not a plain address. Write addresses such as `s3://shared/models`, or "
        "`file:///srv/models` for a directory of the server, without `..`, `%`, `?` or `#`.",
    ),
]


class Postgres(Section):
    """A PostgreSQL database that exists already."""

    enabled: bool = False
    """Keep the data in this database."""
    host: PostgresHost = ""
    """Host name or address of the server, such as your RDS endpoint or Service; several with commas between, of which
    the first that answers is used (PGTARGETSESSIONATTRS under extraEnvVars: the first that is not read-only); or the
    absolute path of a socket's directory, such as `/cloudsql/project:region:instance`."""
    port: Port = 5432
    """Port of the server."""
    database: str = ""
    """Name of the database. It must exist; it may be empty, then its tables are made."""
    user: str = ""
    """User that owns the tables. Overridden by the environment variable or Secret, if one is given."""
    password: Password = ""
    """Password of the user; any characters. Prefer an existing Secret on Kubernetes."""
    driver: PostgresDriver = ""
    """Driver: psycopg2 (also when empty) or psycopg, which is version 3."""


class MySQL(Section):
    """A MySQL or MariaDB database that exists already."""

    enabled: bool = False
    """Keep the data in this database."""
    host: MySQLHost = ""
    """Host name or address of the server."""
    port: Port = 3306
    """Port of the server."""
    database: str = ""
    """Name of the database. It must exist; it may be empty, then its tables are made."""
    user: str = ""
    """User that may create and alter tables."""
    password: Password = ""
    """Password of the user; any characters. Prefer an existing Secret on Kubernetes."""
    driver: MySQLDriver = "pymysql"
    """Driver: pymysql."""


class BackendStore(Section):
    """The tracking database: experiments, runs, metrics and registered models. With none enabled, a SQLite file
    in the data directory."""

    databaseMigration: bool = True
    """Bring an older database to this MLflow's schema before serving, under a lock in the database. When false, an
    older one is refused with the command that migrates it; an empty one is initialised all the same."""
    searchIndex: bool = True
    """Add indexes to MLflow's tables when migrating, one of runs, and on PostgreSQL one each of metrics and parameters:
    searches are fast then in experiments of many thousands of runs, and by one of logged models' metrics so is
    `flowship gc`. When false, they are dropped."""
    databaseConnectionCheck: Annotated[bool, CLUSTER_ONLY] = False
    """On Kubernetes, wait for the database in an init container of its own, so that it shows in the pod's status."""
    fromSQLite: bool = False
    """Move what the SQLite files in the data directory hold into the database server, with their artifacts if their
    place changes, before it serves; once, if the server is empty. The files stay as they are."""
    leaveBehind: list[str] = Field(default_factory=list)
    """SQLite files whose content you give up for a database server, such as `mlflow.db` in the data directory; asked
    for when runs or users in them would otherwise be gone without a word."""
    existingDatabaseSecret: DatabaseSecret = DatabaseSecret()
    postgres: Postgres = Postgres()
    mysql: MySQL = MySQL()


class S3(Section):
    """Artifacts in a bucket of AWS S3, or of another S3 server (extraEnvVars.MLFLOW_S3_ENDPOINT_URL)."""

    enabled: bool = False
    """Keep artifacts in S3."""
    bucket: StoreName = ""
    """Name of the bucket."""
    path: Prefix = ""
    """Prefix inside the bucket, such as `team-a/mlflow`; slashes at its ends do not matter."""
    awsAccessKeyId: Password = ""
    """Access key id. Leave both keys empty to use a role of the pod or of the machine."""
    awsSecretAccessKey: Password = ""
    """Secret access key that belongs to the id."""
    existingSecret: S3Secret = S3Secret()


class GCS(Section):
    """Artifacts in a bucket of Google Cloud Storage; credentials come from the environment or workload identity."""

    enabled: bool = False
    """Keep artifacts in Google Cloud Storage."""
    bucket: StoreName = ""
    """Name of the bucket."""
    path: Prefix = ""
    """Prefix inside the bucket; slashes at its ends do not matter."""
    existingSecret: GCSSecret = GCSSecret()


class AzureBlob(Section):
    """Artifacts in a container of Azure Blob Storage."""

    enabled: bool = False
    """Keep artifacts in Azure Blob Storage."""
    storageAccount: StoreName = ""
    """Name of the storage account."""
    container: StoreName = ""
    """Name of the container."""
    path: Prefix = ""
    """Prefix inside the container; slashes at its ends do not matter."""
    connectionString: Password = ""
    """Connection string. Give this or accessKey, or neither to use a managed identity."""
    accessKey: Password = ""
    """Access key of the storage account."""
    existingSecret: AzureSecret = AzureSecret()


DirectTransfer = Literal["none", "downloads", "uploads", "both", "only"]


class ArtifactRoot(Section):
    """Where artifacts go. With no object store enabled, through the server into its data directory."""

    proxiedArtifactStorage: bool = False
    """Clients send artifacts through the server, and need no credentials of the object store. Without an object
    store, artifacts always go through the server."""
    directTransfer: DirectTransfer = "none"
    """What clients may do past the server although artifacts go through it, by addresses that it signs: `downloads` of
    every file, `uploads` of large ones, or `both`; with `only` the server carries no file at all (MLflow 3.18). Their
    networks must reach the store by the name that the server knows. S3 can do all of it, Google and Azure
    `uploads`."""
    movedFrom: str = ""
    """The place whose artifacts you have copied to this one, such as `file:///data/artifacts`; asked for when artifacts
    behind the server would otherwise not be found."""
    allowedLocations: list[Location] = Field(default_factory=list)
    """Places, with all below them, besides the root that everybody may name as the artifact location of an experiment
    or as the source of a model version, such as `s3://shared/models`; `s3://` stands for every bucket. The server reads
    and writes there with its own credentials. Admins may name any place."""
    s3: S3 = S3()
    gcs: GCS = GCS()
    azureBlob: AzureBlob = AzureBlob()
