"""How MLflow encrypts what its users must not read: webhooks' secrets by Fernet, those of the gateway by AES-GCM.

What MLflow does with its own modules is done here without them: importing MLflow takes seconds, and each start looks.
"""

from __future__ import annotations

import functools
import importlib
import logging
import os
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.fernet import Fernet

WEBHOOK_KEY = "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"
GATEWAY_PASSPHRASE = "MLFLOW_CRYPTO_KEK_PASSPHRASE"  # noqa: S105 - a variable's name
GATEWAY_VERSION = "MLFLOW_CRYPTO_KEK_VERSION"

PUBLIC_PASSPHRASE = "mlflow-default-kek-passphrase-for-development-only"  # noqa: S105 - everybody knows it
"""What MLflow encrypts with when it was given no passphrase."""

VERSION = 1
"""What MLflow takes as the version of the passphrase when it was told none; it is part of the key."""

_SALT = b"mlflow-secrets-kek-v1-2025"
_ITERATIONS = 600_000
_NONCE = 12

_logger = logging.getLogger(__name__)


@functools.lru_cache(8)
def _gateway_key(passphrase: str, version: int) -> bytes:
    """Give the key that MLflow makes of a passphrase; it takes a fifth of a second."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    salt = _SALT + version.to_bytes(4, "big")
    derive = PBKDF2HMAC(algorithm=hashes.SHA256(), length=32, salt=salt, iterations=_ITERATIONS)
    return derive.derive(passphrase.encode())


class Webhooks:
    """The secrets with which webhooks are signed."""

    table = "webhooks"
    identity = ("workspace", "webhook_id")
    columns = ("name", "secret")

    @staticmethod
    def opened(row: Mapping[str, Any], key: str) -> Any:
        """Decrypt the row's secret; None when it was encrypted with another key."""
        from cryptography.fernet import InvalidToken

        try:
            return _fernet(key).decrypt(row["secret"].encode())
        except InvalidToken:
            return None

    @staticmethod
    def is_todays(row: Mapping[str, Any], key: str) -> bool:
        """Tell whether MLflow reads the row with this key."""
        return Webhooks.opened(row, key) is not None

    @staticmethod
    def closed(content: Any, key: str) -> dict[str, Any]:
        """Encrypt a secret, and give the columns that hold it."""
        return {"secret": _fernet(key).encrypt(content).decode()}

    @staticmethod
    def lost(row: Mapping[str, Any]) -> str:
        return (
            f'the secret of webhook "{row["name"]}" is encrypted with a key that is not known any more. Give the '
            "webhook a new secret, or write the key into encryption.previousWebhookKey."
        )


class Gateway:
    """The keys with which secrets of the gateway are encrypted, each encrypted with one that is made of the passphrase
    and a version. MLflow writes down which version, but always reads with that of its environment."""

    table = "secrets"
    identity = ("secret_id",)
    columns = ("secret_name", "wrapped_dek", "kek_version")

    @staticmethod
    def opened(row: Mapping[str, Any], key: str) -> Any:
        """Decrypt what the row holds; None when it was encrypted with another passphrase."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        encrypted = bytes(row["wrapped_dek"])
        try:
            return AESGCM(_gateway_key(key, row["kek_version"])).decrypt(encrypted[:_NONCE], encrypted[_NONCE:], None)
        except (InvalidTag, ValueError):
            return None

    @staticmethod
    def is_todays(row: Mapping[str, Any], key: str) -> bool:
        """Tell whether MLflow reads the row with this passphrase."""
        return row["kek_version"] == VERSION and Gateway.opened(row, key) is not None

    @staticmethod
    def closed(content: Any, key: str) -> dict[str, Any]:
        """Encrypt a secret, and give the columns that hold it."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE)
        encrypted = nonce + AESGCM(_gateway_key(key, VERSION)).encrypt(nonce, content, None)
        return {"wrapped_dek": encrypted, "kek_version": VERSION}

    @staticmethod
    def lost(row: Mapping[str, Any]) -> str:
        return (
            f'the secret "{row["secret_name"]}" of the gateway is encrypted with a passphrase that is not known any '
            "more. Give it a new value, or write the passphrase into encryption.previousGatewayPassphrase."
        )


def is_webhook_key(key: str) -> bool:
    """Tell whether MLflow can encrypt with this text as a key."""
    try:
        _fernet(key)
    except ValueError:
        return False
    return True


def _fernet(key: str) -> Fernet:
    from cryptography.fernet import Fernet

    return Fernet(key)


def use_webhook_key() -> None:
    """Let MLflow encrypt with the key of the environment: it reads that when its tables are first imported, which a
    migration may have done before the key was known. A secret that no key opens is another one at each look, instead
    of an error for all webhooks: what is signed with it proves nothing, and is not taken for unsigned either."""
    from cryptography.fernet import InvalidToken

    kind: Any = importlib.import_module(
        "mlflow.store.model_registry.dbmodels.models"
    ).SqlWebhook.__table__.c.secret.type
    kind.cipher = _fernet(os.environ[WEBHOOK_KEY]) if WEBHOOK_KEY in os.environ else kind.cipher
    read = kind.process_result_value

    def process_result_value(value: str | None, dialect: Any) -> str | None:
        try:
            found: str | None = read(value, dialect)
        except InvalidToken:
            _logger.error("the secret of a webhook cannot be decrypted; give the webhook a new one")
            return secrets.token_urlsafe()
        return found

    kind.process_result_value = process_result_value
