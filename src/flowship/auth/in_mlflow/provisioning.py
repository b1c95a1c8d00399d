"""Makes users of MLflow's of those who are kept elsewhere, since it keeps rights for users that it knows."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flowship.auth.in_mlflow.answers import asking_the_database
from flowship.mlflow_seams.auth.users import users_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowship.auth.authenticator import Identity


def has_user(username: str) -> bool:
    """Tell, by the database, whether MLflow has a user of this name."""
    with asking_the_database():
        return bool(users_store().has_user(username))


class Provisioning:
    """Makes users in MLflow's store, and keeps who is an admin as it is said elsewhere. `store` gives the store."""

    def __init__(self, store: Callable[[], Any]) -> None:
        self._store = store

    def keep(self, identity: Identity) -> None:
        """Make the user at the first log-in, with a password that nobody knows, and let the admin flag follow, unless
        nobody says who is an admin.

        Raises MlflowException when the database does not answer.
        """
        from mlflow.exceptions import MlflowException

        store = self._store()
        is_admin = bool(identity.is_admin)
        if not store.has_user(identity.username):
            try:
                store.create_user(identity.username, secrets.token_urlsafe(32), is_admin=is_admin)
            except MlflowException:
                if not store.has_user(identity.username):  # or another worker has made it meanwhile
                    raise
        if identity.is_admin is not None and bool(store.get_user(identity.username).is_admin) != is_admin:
            store.update_user(identity.username, is_admin=is_admin)
