"""Digests by which secrets are known again: of no use to whoever reads a process's memory, or a dump of it, without the
key, with which alone secrets can be tried."""

from __future__ import annotations

import secrets
from hashlib import blake2b


class KeyedDigest:
    """Makes digests with a key of its own. Make it after a fork, so that workers share none."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def of(self, *texts: str) -> bytes:
        """Give the digest of texts in their order."""
        # The length in front tells "ab" and "c" from "a" and "bc".
        parts = [len(part).to_bytes(8) + part for part in map(str.encode, texts)]
        return blake2b(b"".join(parts), key=self._key, digest_size=32).digest()
