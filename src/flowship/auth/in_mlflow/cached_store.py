"""MLflow's store of users, with what it is asked in every request remembered for a time.

MLflow reads the user and the user's permissions from the database several times in one request. What another server
changed counts when the time is over, or when the memory would refuse something: `asking_the_database` is for the second
look.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flowship.auth.in_mlflow.answers import Answers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Set

    from flowship.auth.generations import Generations

USER_CHANGES = frozenset({"update_user", "delete_user"})
"""What makes a password or a user invalid; the user's name is the first argument."""

ROLE_GIVEN = "assign_role_to_user"
"""What may keep a user out from now on; the user's number is the first argument."""


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
        self._answers = Answers(ttl, generations, clock)

    def get_user(self, username: str) -> Any:
        """Give the user; raises as the store does when there is none, which is not remembered."""
        return self._answers.remembered(("user", username), lambda: self._store.get_user(username))

    def has_user(self, username: str, *, use_primary: bool = False) -> bool:
        """Tell whether there is such a user; only that there is one is remembered."""
        if use_primary:
            return bool(self._store.has_user(username, use_primary=True))
        return bool(self._answers.remembered(("has", username), lambda: self._store.has_user(username)))

    def list_grants(self, user_id: int, workspace: str, resource_types: Iterable[str]) -> list[Any]:
        """Tell what the user may do."""
        types = frozenset(resource_types)
        key = ("grants", user_id, workspace, types)
        return list(self._answers.remembered(key, lambda: tuple(self._store.list_grants(user_id, workspace, types))))

    def decided(self, what: Hashable, decide: Callable[[], bool]) -> bool:
        """Tell whether something is allowed, which `decide` asks this store; only that it is allowed is remembered,
        and no longer than what it was decided by."""
        return bool(self._answers.remembered(("allowed", what), decide))

    def knows_as_allowed(self, what: Hashable) -> bool:
        """Tell whether it is remembered that something is allowed; asks nobody."""
        return self._answers.knows(("allowed", what))

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
