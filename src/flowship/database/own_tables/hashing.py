"""The hashes under which the tables keep what nobody may make of them again, or what is too long for a key."""

from __future__ import annotations

import hashlib


def hashed(text: str) -> str:
    """Give the SHA-256 of a text, in 64 characters."""
    return hashlib.sha256(text.encode()).hexdigest()
