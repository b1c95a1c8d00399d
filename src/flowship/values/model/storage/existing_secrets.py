"""Secrets of the user's own in the cluster, one for each credential, and the variables that pods get from them.

On a laptop, where there are no Secrets, the same variables are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowship.values.model.fields.section import Section


class DatabaseSecret(Section):
    """A Secret of your own that holds the database's user and password."""

    name: str = ""
    """Name of the Secret. On a laptop, set PGUSER and PGPASSWORD, or MYSQL_USERNAME and MYSQL_PWD, instead."""
    usernameKey: str = "username"
    """Key of the user in the Secret."""
    passwordKey: str = "password"
    """Key of the password in the Secret."""


class AuthDatabaseSecret(Section):
    """A Secret of your own that holds the user and password of the users' database."""

    name: str = ""
    """Name of the Secret. On a laptop, set FLOWSHIP_AUTH_PGUSER and FLOWSHIP_AUTH_PGPASSWORD instead."""
    usernameKey: str = "username"
    """Key of the user in the Secret."""
    passwordKey: str = "password"
    """Key of the password in the Secret."""


class AdminSecret(Section):
    """A Secret of your own that holds the admin's name and password."""

    name: str = ""
    """Name of the Secret. On a laptop, set MLFLOW_AUTH_ADMIN_USERNAME and MLFLOW_AUTH_ADMIN_PASSWORD instead."""
    usernameKey: str = "username"
    """Key of the admin's name in the Secret."""
    passwordKey: str = "password"
    """Key of the password in the Secret."""


class S3Secret(Section):
    """A Secret of your own that holds the pair of keys."""

    name: str = ""
    """Name of the Secret. On a laptop, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead."""
    accessKeyIdKey: str = "AWS_ACCESS_KEY_ID"
    """Key of the access key id in the Secret."""
    secretAccessKeyKey: str = "AWS_SECRET_ACCESS_KEY"
    """Key of the secret access key in the Secret."""


class AzureSecret(Section):
    """A Secret of your own that holds the access key or the connection string."""

    name: str = ""
    """Name of the Secret. On a laptop, set AZURE_STORAGE_ACCESS_KEY or AZURE_STORAGE_CONNECTION_STRING instead."""
    accessKeyKey: str = ""
    """Key of the storage account's access key in the Secret. Give this or connectionStringKey."""
    connectionStringKey: str = ""
    """Key of the connection string in the Secret."""


class GCSSecret(Section):
    """A Secret of your own that holds the key file of a service account of Google."""

    name: str = ""
    """Name of the Secret. On a laptop, set GOOGLE_APPLICATION_CREDENTIALS to the file's path instead."""
    fileKey: str = "key.json"
    """Key of the file in the Secret."""


class DirectorySecret(Section):
    """A Secret of your own that holds the password of the directory's service account."""

    name: str = ""
    """Name of the Secret. On a laptop, set FLOWSHIP_LDAP_BIND_PASSWORD instead."""
    passwordKey: str = "password"
    """Key of the password in the Secret."""


class ProviderSecret(Section):
    """A Secret of your own that holds the client's secret."""

    name: str = ""
    """Name of the Secret. On a laptop, set OIDC_CLIENT_SECRET instead."""
    clientSecretKey: str = "OIDC_CLIENT_SECRET"
    """Key of it in the Secret."""


class FlaskSecret(Section):
    """A Secret of your own that holds the key that signs MLflow's forms."""

    name: str = ""
    """Name of the Secret. On a laptop, set MLFLOW_FLASK_SERVER_SECRET_KEY instead."""
    key: str = "MLFLOW_FLASK_SERVER_SECRET_KEY"
    """Key of it in the Secret."""


class EncryptionSecret(Section):
    """A Secret of your own that holds the keys with which MLflow encrypts."""

    name: str = ""
    """Name of the Secret. On a laptop, set MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY and MLFLOW_CRYPTO_KEK_PASSPHRASE
    instead."""
    webhookKeyKey: str = "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"
    """Key of webhookKey in the Secret."""
    gatewayPassphraseKey: str = "MLFLOW_CRYPTO_KEK_PASSPHRASE"
    """Key of gatewayPassphrase in the Secret."""


@dataclass(frozen=True)
class ExistingSecret:
    """Where a Secret is named, and the variables that pods get from it."""

    key: str
    """The section that names it."""
    used_by: str
    """The section whose credentials it holds, which must be enabled; empty for the server itself."""
    variables: Mapping[str, str]
    """For each variable the key, in that section, which says where the Secret holds it."""
    holds: str
    """What it holds, as a sentence says it."""
    one_of: bool = False
    """Whether one of the variables is enough."""


DATABASE_SECRET = "backendStore.existingDatabaseSecret"  # noqa: S105 - a key, not a secret

EXISTING_SECRETS = (
    ExistingSecret(
        DATABASE_SECRET,
        "backendStore.postgres",
        {"PGUSER": "usernameKey", "PGPASSWORD": "passwordKey"},
        "the user and the password",
    ),
    ExistingSecret(
        DATABASE_SECRET,
        "backendStore.mysql",
        {"MYSQL_USERNAME": "usernameKey", "MYSQL_PWD": "passwordKey"},
        "the user and the password",
    ),
    ExistingSecret(
        "artifactRoot.s3.existingSecret",
        "artifactRoot.s3",
        {"AWS_ACCESS_KEY_ID": "accessKeyIdKey", "AWS_SECRET_ACCESS_KEY": "secretAccessKeyKey"},
        "the pair of keys",
    ),
    ExistingSecret(
        "artifactRoot.azureBlob.existingSecret",
        "artifactRoot.azureBlob",
        {"AZURE_STORAGE_ACCESS_KEY": "accessKeyKey", "AZURE_STORAGE_CONNECTION_STRING": "connectionStringKey"},
        "the credential",
        one_of=True,
    ),
    ExistingSecret(
        "auth.existingAdminSecret",
        "auth",
        {"MLFLOW_AUTH_ADMIN_USERNAME": "usernameKey", "MLFLOW_AUTH_ADMIN_PASSWORD": "passwordKey"},
        "the admin's name and password",
    ),
    ExistingSecret(
        "auth.postgres.existingSecret",
        "auth.postgres",
        {"FLOWSHIP_AUTH_PGUSER": "usernameKey", "FLOWSHIP_AUTH_PGPASSWORD": "passwordKey"},
        "the user and the password",
    ),
    ExistingSecret(
        "ldapAuth.userSearch.existingSecret",
        "ldapAuth.userSearch",
        {"FLOWSHIP_LDAP_BIND_PASSWORD": "passwordKey"},
        "the service account's password",
    ),
    ExistingSecret(
        "oidcAuth.existingSecret", "oidcAuth", {"OIDC_CLIENT_SECRET": "clientSecretKey"}, "the client's secret"
    ),
    ExistingSecret(
        "existingFlaskSecret", "", {"MLFLOW_FLASK_SERVER_SECRET_KEY": "key"}, "the key that signs MLflow's forms"
    ),
    ExistingSecret(
        "encryption.existingSecret",
        "",
        {
            "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY": "webhookKeyKey",
            "MLFLOW_CRYPTO_KEK_PASSPHRASE": "gatewayPassphraseKey",
        },
        "the keys for encryption",
    ),
)
"""Every Secret whose content becomes variables."""

GCS_SECRET = "artifactRoot.gcs.existingSecret"  # noqa: S105 - a key, not a secret
"""The Secret that is mounted as a file."""
