"""What may not be written in `encryption`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.rules.conditions import Matches, Not
from flowship.values.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_A_WEBHOOK_KEY = (
    "is no key for webhooks. Write 32 random bytes in URL-safe Base64, as `openssl rand -base64 32 | tr +/ -_` prints."
)


def encryption() -> Iterator[Rule]:
    """What MLflow encrypts webhooks with is a key."""
    for name in ("webhookKey", "previousWebhookKey"):
        key = f"encryption.{name}"
        yield Rule((key,), Not(Matches(key, r"^([A-Za-z0-9_-]{43}=)?\z")), NOT_A_WEBHOOK_KEY)
