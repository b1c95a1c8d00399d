"""MLflow's store of users, with what it is asked in every request remembered for a time.

MLflow reads the user and the user's permissions from the database several times in one request. What any worker of this
server changes, all of them forget at once; what another server changed, when the time is over, or when the memory would
refuse something: `asking_the_database` is for the second look.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Set

    from flowship.auth.generations import Generations

SIZE = 10_000
"""Answers that are remembered at most."""

USER_CHANGES = frozenset({"update_user", "delete_user"})
"""What makes a password or a user invalid; the user's name is the first argument."""

ROLE_GIVEN = "assign_role_to_user"
"""What may keep a user out from now on; the user's number is the first argument."""

_ASKING: ContextVar[bool] = ContextVar("flowship_asking_the_database", default=False)
_UNKNOWN = object()


@contextmanager
def asking_the_database() -> Iterator[None]:
    """Let nothing be answered from memory in here; what the database says is remembered as always."""
    token = _ASKING.set(True)
    try:
        yield
    finally:
        _ASKING.reset(token)


class CachedStore:
    """Stands in for the store: three questions are remembered, `reads` are handed on, all else counts as a change."""

    def __init__(
        self,
        store: Any,
        ttl: float,
        generations: Generations,
        reads: Set[str] = frozenset(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._generations = generations
        self._reads = reads
        self._answers: TTLCache[Hashable, Any] = TTLCache(SIZE, ttl, clock)
        self._generation = generations.store
        self._lock = threading.Lock()

    def get_user(self, username: str) -> Any:
        """Give the user; raises as the store does when there is none, which is not remembered."""
        return self._remembered(("user", username), lambda: self._store.get_user(username))

    def has_user(self, username: str, *, use_primary: bool = False) -> bool:
        """Tell whether there is such a user; only that there is one is remembered."""
        if use_primary:
            return bool(self._store.has_user(username, use_primary=True))
        return bool(self._remembered(("has", username), lambda: self._store.has_user(username)))

    def list_grants(self, user_id: int, workspace: str, resource_types: Iterable[str]) -> list[Any]:
        """Tell what the user may do."""
        types = frozenset(resource_types)
        key = ("grants", user_id, workspace, types)
        return list(self._remembered(key, lambda: tuple(self._store.list_grants(user_id, workspace, types))))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name in self._reads or not callable(found):
            return found

        def changing(*arguments: Any, **named: Any) -> Any:
            try:
                answer = found(*arguments, **named)
            finally:
                self._generations.store_changed()
                if name in USER_CHANGES:
                    self._generations.user_changed(named["username"] if "username" in named else arguments[0])
            if name == ROLE_GIVEN:
                self._user_changed(named["user_id"] if "user_id" in named else arguments[0])
            return answer

        return changing

    def _user_changed(self, number: int) -> None:
        for user in self._store.list_users():
            if user.id == number:
                self._generations.user_changed(user.username)

    def _remembered(self, key: Hashable, ask: Callable[[], Any]) -> Any:
        with self._lock:
            generation = self._generations.store
            if generation != self._generation:
                self._answers.clear()
                self._generation = generation
            elif (known := self._answers.get(key, _UNKNOWN)) is not _UNKNOWN and not _ASKING.get():
                return known
        answer = ask()
        with self._lock:
            # One from before a change must not be remembered after it: the number was read before it was asked for.
            if generation == self._generation and answer is not False:
                self._answers[key] = answer
        return answer
