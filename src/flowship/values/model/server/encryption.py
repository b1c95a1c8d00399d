"""Keys by which MLflow encrypts secrets of its users in the database."""

from __future__ import annotations

from typing import Annotated

from flowship.values.model.fields.section import Password, Section
from flowship.values.model.fields.shape import Shape
from flowship.values.model.storage.existing_secrets import EncryptionSecret

WEBHOOK_KEY_SHAPE = Shape(
    r"^[A-Za-z0-9_-]{43}=\z",
    "is no key for webhooks. Write 32 random bytes in URL-safe Base64, as `openssl rand -base64 32 | tr +/ -_` prints.",
)


class Encryption(Section):
    """Keys with which MLflow encrypts the secrets of webhooks, and of the gateway's providers, in the database. Empty
    ones are made once and kept with the data, where a dump of the database holds them too."""

    webhookKey: Annotated[Password, WEBHOOK_KEY_SHAPE] = ""
    """Key for the secrets of webhooks: 32 bytes in URL-safe Base64, as `openssl rand -base64 32 | tr +/ -_` prints."""
    gatewayPassphrase: Password = ""
    """Passphrase for the secrets of the gateway's providers; at least 32 random characters."""
    previousWebhookKey: Annotated[Password, WEBHOOK_KEY_SHAPE] = ""
    """The key before webhookKey: what is encrypted with it is encrypted again at the next start. Then it may go."""
    previousGatewayPassphrase: Password = ""
    """The passphrase before gatewayPassphrase, likewise."""
    existingSecret: EncryptionSecret = EncryptionSecret()
