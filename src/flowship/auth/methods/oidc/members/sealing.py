"""What a provider gave to ask again with, as the database keeps it: encrypted with a key that is not in there.

The key comes of the client's secret, without which a refresh token is of no use anyway: no more has to be kept secret,
all replicas have it, and whoever changes the secret has every user log in again.
"""

from __future__ import annotations

import base64
import hmac
import json
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken

LABEL = b"flowship: refresh tokens"
LONGEST = 60_000
"""Characters that a column of MySQL's takes."""


class Given(NamedTuple):
    """What is kept of a log-in; an empty text for what the provider did not give."""

    refresh_token: str = ""
    id_token: str = ""


class Seal:
    """Encrypts with a key made of a secret, and opens again."""

    def __init__(self, secret: str) -> None:
        digest = hmac.digest(secret.encode(), LABEL, "sha256")
        self._key = Fernet(base64.urlsafe_b64encode(digest))

    def closed(self, given: Given) -> str:
        """Encrypt; without the id token where it is too long to be kept."""
        found = self._key.encrypt(json.dumps(given).encode()).decode()
        if len(found) > LONGEST and given.id_token:
            return self.closed(Given(given.refresh_token))
        return found if len(found) <= LONGEST else ""

    def opened(self, sealed: str) -> Given:
        """Open what was encrypted; nothing if it was so with another secret."""
        try:
            return Given(*json.loads(self._key.decrypt(sealed.encode())))
        except (InvalidToken, ValueError, TypeError):
            return Given()
