"""Who may use the server: `auth` for MLflow's own users, `ldapAuth` for those of a directory; and what counts for all
who sign in, by whichever way. `oidcAuth` is in oidc.py."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from flowship.values.model.fields.section import POD_ONLY, Password, Section
from flowship.values.model.fields.shape import Shape, Without
from flowship.values.model.storage.existing_secrets import AdminSecret, AuthDatabaseSecret, DirectorySecret
from flowship.values.model.storage.stores import Postgres

Permission = Literal["READ", "USE", "EDIT", "MANAGE", "NO_PERMISSIONS"]
BASIC_APP = "basic-auth"
CONFIGURATION = "basic_auth.ini"
BASIC_AUTHORIZATION = "mlflow.server.auth:authenticate_request_basic_auth"


ABSOLUTE = Shape("^/", "is not an absolute path. Write one that begins with `/`.")
FILE_NAME = Without(
    r"[^/]/|^/*\.\.?\z",
    "is more than a file name. Write the name here, and its directory in auth.configPath.",
)
FILE = Without(
    r"/\z|(^|/)(\.{1,2}\z|\.\./)",
    "does not name a file. Write a file name, and its directory in auth.sqliteFullPath.",
)
_URI = r"ldaps?://[^ \t\r\n/]+(/[^ \t\r\n]*)?"
DIRECTORIES = Shape(
    rf"^{_URI}( +{_URI})*\z",
    "is not the URI of a directory. Write `ldap://` or `ldaps://` and a host name; several with a space between.",
)


class AuthPostgres(Postgres):
    """A PostgreSQL database for users and permissions."""

    enabled: bool = False
    """Keep users and permissions in this database, so that several replicas share them."""
    existingSecret: AuthDatabaseSecret = AuthDatabaseSecret()


class Auth(Section):
    """Basic authentication with users that MLflow keeps."""

    enabled: bool = False
    """Ask every request for a user and password."""
    adminUsername: str = ""
    """Name of the admin, made at the first start."""
    adminPassword: Password = ""
    """Password of the admin, at least 12 characters. Changed here, it is changed at the next start; one changed in
    the UI is left alone."""
    existingAdminSecret: AdminSecret = AdminSecret()
    defaultPermission: Permission = "READ"
    """What a user may do with what nobody gave a permission for."""
    appName: str = BASIC_APP
    """MLflow app that authenticates (an entry point `mlflow.app`)."""
    authorizationFunction: str = BASIC_AUTHORIZATION
    """Function that authenticates a request, as `module:function`."""
    configPath: Annotated[str, POD_ONLY, ABSOLUTE] = "/etc/mlflow/auth/"
    """Directory of the file that MLflow reads in the pod. On a laptop it is in the data directory."""
    configFile: Annotated[str, FILE_NAME] = CONFIGURATION
    """Name of that file; `basic_auth.ini` when empty. Slashes before it do not matter."""
    sqliteFile: Annotated[str, FILE] = "basic_auth.db"
    """SQLite file of users and permissions, unless `auth.postgres` is enabled."""
    sqliteFullPath: str = ""
    """Directory of that SQLite file; the data directory when empty."""
    postgres: AuthPostgres = AuthPostgres()
    cacheTtlSeconds: int = Field(default=60, ge=0, le=86400)
    """Seconds for which a worker remembers that a password was right and what a user may do. A change takes effect at
    once in all workers of the server that made it, and in other replicas within this time; 0 remembers nothing."""


def configuration_name(auth: Auth) -> str:
    """Give the name of the file that MLflow reads, as chart 0.16.5 made it of `configFile`."""
    return auth.configFile.lstrip("/") or CONFIGURATION


class Sessions(Section):
    """Signing in with a browser: a page asks for name and password, and a cookie holds who has signed in. It serves
    whatever verifies users, `auth`, `ldapAuth` or `oidcAuth`; without any of them it means nothing."""

    enabled: bool = True
    """Send browsers that have not signed in to a login page. When false, browsers ask for name and password in a
    window of their own; programs are not concerned."""
    idleSeconds: Annotated[int, Field(ge=300, le=31_536_000)] = 43_200
    """Seconds without a request after which somebody must sign in again: 12 hours."""
    lifetimeSeconds: Annotated[int, Field(ge=300, le=31_536_000)] = 604_800
    """Seconds after which somebody must sign in again, however much was done: a week."""


class Tokens(Section):
    """Tokens that users make for their programs on the page `/tokens`, and the command line for anybody; shown once."""

    enabled: bool = True
    """Take tokens of users, as `MLFLOW_TRACKING_TOKEN` or in the place of a password, where `auth`,
    `ldapAuth` or `oidcAuth` verifies users. When false, none is made or taken."""


class Assistant(Section):
    """MLflow's assistant, a chat with a model that may run commands as the server, with the server's credentials."""

    enabled: bool = False
    """Let admins use it, and nobody else. It needs `auth`, `ldapAuth` or `oidcAuth`, which tell who is one."""


class UserSearch(Section):
    """How a user's entry is found where its DN cannot be built from the name, as in Active Directory."""

    enabled: bool = False
    """Search the user's entry with a service account, instead of `ldapAuth.lookupBind`. Groups are searched with that
    account too."""
    bindDistinguishedName: str = ""
    """DN of the service account; Active Directory also takes `account@example.com`."""
    bindPassword: Password = ""
    """Password of the service account; any characters. Prefer an existing Secret on Kubernetes."""
    existingSecret: DirectorySecret = DirectorySecret()
    baseDistinguishedName: str = ""
    """DN under which users are searched."""
    filter: str = "(sAMAccountName=%s)"
    """Filter that finds one user, with %s for the name that was typed."""
    nameAttribute: str = "sAMAccountName"
    """Attribute that holds the user's name in MLflow, so that it is one name, however it was typed."""


Timeout = Annotated[int, Field(ge=1, le=300)]


class LdapAuth(Section):
    """Basic authentication against an LDAP directory."""

    enabled: bool = False
    """Ask every request for a user and password of the directory."""
    uri: Annotated[str, DIRECTORIES] = ""
    """URI of the directory, such as `ldaps://ldap.example.com`; several, with spaces between them, are tried in
    order."""
    startTLS: bool | Literal[""] = ""
    """Encrypt connections to `ldap://`. When empty, if a CA certificate is given; no password is then sent to a
    server that cannot."""
    tlsVerification: Literal["required", "optional", "none"] = "required"
    """Whether the directory's certificate must be valid; optional lets a server without one pass, which no server is
    today."""
    encodedTrustedCACertificate: Password = ""
    """Base64 of the CA certificate that signed the directory's. Without one, the system's are trusted."""
    externalSecretForTrustedCACertificate: str = ""
    """Name of a Secret of your own with that certificate under the key `ca.crt`. On a laptop, set LDAP_CA to the
    certificate's file instead."""
    lookupBind: str = ""
    """DN to bind as, with %s for the user's name, such as `uid=%s,ou=people,dc=example,dc=com`."""
    userSearch: UserSearch = UserSearch()
    searchBaseDistinguishedName: str = ""
    """DN under which groups are searched."""
    searchFilter: str = "(&(objectclass=groupOfUniqueNames)(uniquemember=%s))"
    """Filter that finds the groups of a user, with %s for the user's DN, or %u for the user's name."""
    groupAttribute: str = "dn"
    """Attribute of a found entry that names a group: `dn` for the entry itself, or one such as `memberOf`."""
    nestedGroups: bool = False
    """Also search the groups that a user's groups are members of, with one search per level."""
    adminGroupDistinguishedName: str = ""
    """DN of the group whose members are admins."""
    userGroupDistinguishedName: str = ""
    """DN of the group whose members are users."""
    connectTimeoutSeconds: Timeout = 5
    """Seconds to wait for a connection to one server of the directory."""
    readTimeoutSeconds: Timeout = 10
    """Seconds to wait for an answer of the directory."""
    cacheTtlSeconds: int = Field(default=60, ge=0, le=86400)
    """Seconds for which a worker remembers that a password was right. Removal from the groups takes effect within
    this time; 0 asks the directory in each request."""
    graceSeconds: int = Field(default=900, ge=0, le=604800)
    """Seconds for which users whom a worker verified before go on while the directory does not answer."""
