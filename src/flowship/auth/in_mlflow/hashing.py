"""MLflow's store of users, whose slow hashes are no weapon.

A hash takes 32 MiB and a good part of a second on purpose. Many at once would take the server's memory and processors,
and MLflow, which makes none for a name that nobody has, would tell by its haste which names exist.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

AT_ONCE = 2
"""Hashes that a worker makes at once, for log-ins and for passwords that are set."""


class HashingStore:
    """Stands in for the store: what hashes waits for its turn, and a name that nobody has costs a hash as well.

    `hash_in_vain` makes one of the cost of the others.
    """

    def __init__(self, store: Any, hash_in_vain: Callable[[str], object]) -> None:
        self._store = store
        self._hash_in_vain = hash_in_vain
        self._turns = threading.Semaphore(AT_ONCE)

    def authenticate_user(self, username: str, password: str, **how: Any) -> bool:
        """Tell whether a password is the user's."""
        with self._turns:
            if self._store.authenticate_user(username, password, **how):
                return True
            if not self._store.has_user(username, **how):
                self._hash_in_vain(password)
            return False

    def create_user(self, *arguments: Any, **named: Any) -> Any:
        """Make a user, with a password that is hashed."""
        with self._turns:
            return self._store.create_user(*arguments, **named)

    def update_user(self, *arguments: Any, **named: Any) -> Any:
        """Change a user, perhaps with a password that is hashed."""
        with self._turns:
            return self._store.update_user(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
