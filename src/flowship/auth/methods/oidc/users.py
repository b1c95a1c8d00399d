"""A provider's users in one worker: who they are in MLflow, how they come in, and whether they still may."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowship.auth.authenticator import Entrance, Identity, Readmission, Verified, Wrong
from flowship.auth.disabled import is_disabled
from flowship.auth.elsewhere import Elsewhere
from flowship.auth.in_mlflow.provisioning import Provisioning, has_user
from flowship.auth.methods.oidc.members.logging_in import LoggingIn
from flowship.auth.methods.oidc.members.membership import Membership
from flowship.auth.methods.oidc.members.roles import RolesInStep
from flowship.auth.methods.oidc.members.sealing import Seal
from flowship.auth.methods.oidc.pages import LOGIN, ProviderPages
from flowship.auth.methods.oidc.provider.settings import BEGIN, CALLBACK
from flowship.mlflow_seams.auth.passwords import users_engine
from flowship.mlflow_seams.auth.users import users_store

if TYPE_CHECKING:
    from flowship.auth.authenticator import Credentials, Outcome
    from flowship.auth.elsewhere import Parts
    from flowship.auth.methods.oidc.members.logging_in import Arrived
    from flowship.auth.methods.oidc.provider.settings import ProviderSettings
    from flowship.auth.sign_in import SignIn, Worker


class ProviderUsers:
    """The users of one provider. Made once in each worker, after the fork: what asks the provider keeps connections,
    keys, and whether it answers."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._logging_in = LoggingIn(settings)
        self._provisioning = Provisioning(users_store)
        self._roles = RolesInStep(users_store, settings.roles.values())
        seal = Seal(settings.client_secret)
        self._known = Membership(users_engine, self._logging_in, seal, has_user, self._keep, is_disabled)

    def entrances(self, beside: SignIn | None, worker: Worker) -> tuple[Entrance, ...]:
        """Make the entrances of those with a password, to whom names of the provider's users are closed, and tell of
        all who have a session whether they still may come in."""
        own = beside.entrances(replace(worker, is_anothers=self._known.has)) if beside else ()
        before = next((entrance.readmission for entrance in own if entrance.readmission), None)
        readmission = Readmission(partial(self._ask, before), partial(_grace, before))
        return tuple(replace(entrance, readmission=readmission) for entrance in own or (_NO_PASSWORDS,))

    def elsewhere(self, parts: Parts) -> Elsewhere:
        """Make the pages between which a browser is at the provider."""
        made = ProviderPages(self._logging_in, self._known, parts, users_engine)
        back = callback_path(self._logging_in.settings, parts.static_prefix)
        return Elsewhere({BEGIN: made.begin, back: made.take_back}, made.leave)

    def _keep(self, username: str, user: Arrived) -> None:
        self._provisioning.keep(Identity(username, user.rights.is_admin))
        self._roles.keep(username, user.rights.roles)

    def _ask(self, before: Readmission | None, login: str) -> Outcome:
        if login.startswith(LOGIN):
            return self._known.ask(login.removeprefix(LOGIN))
        return before.ask(login) if before else Verified(Identity(login))


def callback_path(settings: ProviderSettings, static_prefix: str) -> str:
    """Give the path, after the static prefix, to which the provider sends browsers back."""
    return urlsplit(settings.redirect_uri).path.removeprefix(static_prefix) if settings.redirect_uri else CALLBACK


def _grace(before: Readmission | None, login: str) -> float:
    """Give the seconds for which users go on about whom nobody can say; a provider's have had theirs by then."""
    return before.grace(login) if before and not login.startswith(LOGIN) else 0.0


class _NoPasswords:
    """Knows nobody: a provider's users come by their sessions alone."""

    def remembered(self, credentials: Credentials) -> Identity | None:
        del credentials
        return None

    async def authenticate(self, credentials: Credentials, address: str) -> Outcome:
        del credentials, address
        return Wrong()


_NO_PASSWORDS = Entrance(lambda scope: None, _NoPasswords())
