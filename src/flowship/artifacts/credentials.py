"""From values to the environment of the object store's client, the only place where its credentials go."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from flowship.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.values.model.root import Values

AWS_STRAYS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
"""Variables that would turn given keys into other credentials."""

_LIBRARIES = {
    "artifactRoot.s3": ("s3", "boto3"),
    "artifactRoot.gcs": ("gcs", "google.cloud.storage"),
    "artifactRoot.azureBlob": ("azure", "azure.storage.blob"),
}


def client_environment(values: Values) -> dict[str, str | None]:
    """Give the variables that the store's client must see; None means that it must not see one."""
    root = values.artifactRoot
    if root.s3.enabled and root.s3.awsAccessKeyId:
        return {
            "AWS_ACCESS_KEY_ID": root.s3.awsAccessKeyId,
            "AWS_SECRET_ACCESS_KEY": root.s3.awsSecretAccessKey,
            **dict.fromkeys(AWS_STRAYS),
        }
    if root.azureBlob.enabled and root.azureBlob.connectionString:
        return {
            "AZURE_STORAGE_CONNECTION_STRING": root.azureBlob.connectionString,
            "AZURE_STORAGE_ACCESS_KEY": None,
        }
    if root.azureBlob.enabled and root.azureBlob.accessKey:
        return {"AZURE_STORAGE_ACCESS_KEY": root.azureBlob.accessKey, "AZURE_STORAGE_CONNECTION_STRING": None}
    if root.azureBlob.enabled:  # a variable that is empty would still keep MLflow from asking for an identity
        return dict.fromkeys(("AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_CONNECTION_STRING"))
    return {}


def is_installed(module: str) -> bool:
    """Tell whether a library can be imported, without importing it."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a package above it is missing
        return False


def require_client(key: str, installed: Callable[[str], bool] = is_installed) -> None:
    """Refuse a store whose client is not installed.

    Raises:
        MissingExtraError: says which extra to install.
    """
    extra, module = _LIBRARIES[key]
    if not installed(module):
        raise MissingExtraError(key=f"{key}.enabled", extra=extra)
