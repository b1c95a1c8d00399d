"""MLflow's store of users, with which the tokens of a user end: another user of the name must not have them."""

from __future__ import annotations

from typing import Any

from flowship.database.own_tables import terminal_requests, tokens_table


class EndingTokens:
    """Stands in for the store: whom it deletes or makes has no tokens afterwards, and gets none
    from a terminal that was let in before."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def create_user(self, username: str, *rest: Any, **named: Any) -> Any:
        """Make a user."""
        if not self._store.has_user(username):
            self._end(username)
        return self._store.create_user(username, *rest, **named)

    def delete_user(self, username: str) -> Any:
        """Delete a user."""
        answer = self._store.delete_user(username)
        self._end(username)
        return answer

    def _end(self, username: str) -> None:
        tokens_table.forget_user(self._store.engine, username)
        terminal_requests.forget_user(self._store.engine, username)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
