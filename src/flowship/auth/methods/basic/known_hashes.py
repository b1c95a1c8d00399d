"""Passwords that MLflow found right, known again as long as their users have the same hashes: what is slow on purpose
is done once for each, and a query tells whether it still holds.

Only keyed digests of user, password and hash are kept. Used in several threads.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from cachetools import LRUCache

from flowship.auth.memory.keyed_digest import KeyedDigest

if TYPE_CHECKING:
    from collections.abc import Callable

    IsPasswordOf = Callable[[str, str], bool]

SIZE = 10_000
"""Passwords that are known at most; those used longest ago go first."""


class KnownHashes:
    """Tells whether a password is a user's, and asks `is_password_of`, which takes long, only about those not known.

    `hash_of` reads the hash of a user's password, None where there is no such user.
    """

    def __init__(self, is_password_of: IsPasswordOf, hash_of: Callable[[str], str | None], size: int = SIZE) -> None:
        self._is_password_of, self._hash_of = is_password_of, hash_of
        self._digest = KeyedDigest()
        self._right: LRUCache[bytes, None] = LRUCache(size)
        self._lock = Lock()

    def is_password_of(self, username: str, password: str) -> bool:
        """Whether it is the user's password now."""
        kept = self._hash_of(username)
        digest = None if kept is None else self._digest.of(username, password, kept)
        with self._lock:
            if digest is not None and digest in self._right:
                self._right[digest] = None  # used last
                return True
        right = self._is_password_of(username, password)
        # One that was changed meanwhile is not the one that was found right.
        if right and digest is not None and self._hash_of(username) == kept:
            with self._lock:
                self._right[digest] = None
        return right
