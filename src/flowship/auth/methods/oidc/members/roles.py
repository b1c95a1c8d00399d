"""Keeps the roles of MLflow's that groups bring in step with the groups."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flowship.auth.disabled import WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_logger = logging.getLogger(__name__)


class RolesInStep:
    """Gives users the roles that their groups bring, and takes those that they do not. Of roles that no group brings,
    it knows nothing. `store` gives MLflow's store of users."""

    def __init__(self, store: Callable[[], Any], managed: Collection[str]) -> None:
        self._store = store
        self._managed = frozenset(managed)

    def keep(self, username: str, wanted: Collection[str]) -> None:
        """Let a user have those of the managed roles that are wanted.

        Raises MlflowException when the database does not answer.
        """
        from mlflow.exceptions import MlflowException

        if not self._managed:
            return
        store = self._store()
        user = store.get_user(username)
        named = {role.name: role.id for role in store.list_roles([WORKSPACE]) if role.name in self._managed}
        has = {role.name for role in store.list_user_roles_for_workspace(user.id, WORKSPACE)} & self._managed
        for name in sorted(self._managed - named.keys()):
            _logger.warning("oidcAuth.roles names the role %r, which MLflow does not have; make it there", name)
        try:
            for name in sorted(set(wanted) & named.keys() - has):
                store.assign_role_to_user(user.id, named[name])
            for name in sorted(has - set(wanted)):
                store.unassign_role_from_user(user.id, named[name])
        except MlflowException as error:
            if error.error_code not in ("RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST"):  # another was first
                raise
