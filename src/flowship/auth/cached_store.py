"""MLflow's store of users, with what it is asked in every request remembered for a time.

MLflow reads the user and the user's permissions from the database several times in one request. What a worker changes
itself it forgets at once; what another one changed, when the time is over.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

SIZE = 10_000
"""Answers that are remembered at most."""

USER_CHANGES = frozenset({"update_user", "delete_user"})
"""What makes a password or a user invalid; the user's name is the first argument."""


class CachedStore:
    """Stands in for the store: three questions are remembered, everything else is handed on and counts as a change.

    `forget` is told the name of a user who was changed or deleted here.
    """

    def __init__(
        self,
        store: Any,
        ttl: float,
        forget: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._forget = forget
        self._answers: TTLCache[Hashable, Any] = TTLCache(SIZE, ttl, clock)
        self._lock = threading.Lock()
        self._changes = 0

    def get_user(self, username: str) -> Any:
        """The user; raises as the store does when there is none, which is not remembered."""
        return self._remembered(("user", username), lambda: self._store.get_user(username))

    def has_user(self, username: str, *, use_primary: bool = False) -> bool:
        """Whether there is such a user; only that there is one is remembered."""
        if use_primary:
            return bool(self._store.has_user(username, use_primary=True))
        return bool(self._remembered(("has", username), lambda: self._store.has_user(username)))

    def list_grants(self, user_id: int, workspace: str, resource_types: Iterable[str]) -> list[Any]:
        """What the user may do."""
        types = frozenset(resource_types)
        key = ("grants", user_id, workspace, types)
        return list(self._remembered(key, lambda: tuple(self._store.list_grants(user_id, workspace, types))))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found):
            return found

        def changing(*arguments: Any, **named: Any) -> Any:
            try:
                return found(*arguments, **named)
            finally:
                self._clear()
                if name in USER_CHANGES:
                    self._forget(named["username"] if "username" in named else arguments[0])

        return changing

    def _remembered(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        with self._lock:
            changes = self._changes
            if key in self._answers:
                return self._answers[key]
        answer = ask()
        with self._lock:
            # An answer from before a change must not be remembered after it.
            if changes == self._changes and answer is not False:
                self._answers[key] = answer
        return answer

    def _clear(self) -> None:
        with self._lock:
            self._changes += 1
            self._answers.clear()
