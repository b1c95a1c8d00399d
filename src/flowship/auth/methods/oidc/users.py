"""A provider's users in one worker: who they are in MLflow, how they come in, and whether they still may."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Entrance, Identity, Readmission, Verified, Wrong
from flowship.auth.disabled import is_disabled
from flowship.auth.elsewhere import Elsewhere
from flowship.auth.in_mlflow.answers import asking_the_database
from flowship.auth.in_mlflow.provisioning import Provisioning
from flowship.auth.methods.oidc.logging_in import LoggingIn
from flowship.auth.methods.oidc.membership import Membership
from flowship.auth.methods.oidc.pages import BEGIN, CALLBACK, LOGIN, ProviderPages
from flowship.auth.methods.oidc.roles import RolesInStep
from flowship.auth.methods.oidc.sealing import Seal
from flowship.mlflow_seams.auth.passwords import users_engine
from flowship.mlflow_seams.auth.users import users_store

if TYPE_CHECKING:
    from flowship.auth.authenticator import Credentials, Outcome
    from flowship.auth.elsewhere import Parts
    from flowship.auth.methods.oidc.logging_in import Arrived
    from flowship.auth.methods.oidc.settings import ProviderSettings
    from flowship.auth.sign_in import SignIn, Worker


def membership(settings: ProviderSettings) -> tuple[LoggingIn, Membership]:
    """Make what asks a provider, and what keeps its users in MLflow."""
    provisioning = Provisioning(users_store)
    roles = RolesInStep(users_store, settings.roles.values())
    logging_in = LoggingIn(settings)

    def keep(username: str, user: Arrived) -> None:
        provisioning.keep(Identity(username, user.rights.is_admin))
        roles.keep(username, user.rights.roles)

    return logging_in, Membership(users_engine, logging_in, Seal(settings.client_secret), _is_free, keep, is_disabled)


def _is_free(username: str) -> bool:
    with asking_the_database():
        return not users_store().has_user(username)


def entrances(settings: ProviderSettings, beside: SignIn | None, worker: Worker) -> tuple[Entrance, ...]:
    """Make the entrances of those with a password, to whom names of the provider's users are closed, and tell of all
    who have a session whether they still may come in."""
    _, known = membership(settings)
    own = beside.entrances(replace(worker, is_anothers=known.has)) if beside else ()
    before = next((entrance.readmission for entrance in own if entrance.readmission), None)
    readmission = Readmission(partial(_ask, known, before), partial(_grace, before))
    return tuple(replace(entrance, readmission=readmission) for entrance in own or (_NO_PASSWORDS,))


def elsewhere(settings: ProviderSettings, parts: Parts) -> Elsewhere:
    """Make the pages between which a browser is at the provider."""
    logging_in, known = membership(settings)
    made = ProviderPages(logging_in, known, parts, users_engine)
    back = callback_path(settings, parts.static_prefix)
    return Elsewhere({BEGIN: made.begin, back: made.take_back}, made.leave)


def callback_path(settings: ProviderSettings, static_prefix: str) -> str:
    """Give the path, after the static prefix, to which the provider sends browsers back."""
    from urllib.parse import urlsplit

    return urlsplit(settings.redirect_uri).path.removeprefix(static_prefix) if settings.redirect_uri else CALLBACK


def _ask(known: Membership, before: Readmission | None, login: str) -> Outcome:
    if login.startswith(LOGIN):
        return known.ask(login.removeprefix(LOGIN))
    return before.ask(login) if before else Verified(Identity(login))


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
