"""Whether users whom the provider let in may still come in: asked again once in a while, by one request for all."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from flowship.auth import disabled
from flowship.auth.authenticator import Forbidden, Identity, Unavailable, Verified, Wrong
from flowship.auth.methods.oidc.members.logging_in import Account
from flowship.auth.methods.oidc.members.sealing import Given
from flowship.auth.methods.oidc.provider.errors import LogInAgainError, LogInRefusedError, ProviderError
from flowship.auth.users_database import UsersDatabaseError, asking_users
from flowship.database.own_tables import provider_accounts

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from flowship.auth.authenticator import Outcome
    from flowship.auth.methods.oidc.members.logging_in import Arrived, LoggingIn
    from flowship.auth.methods.oidc.members.sealing import Seal
    from flowship.database.own_tables.provider_accounts import Kept

TRY_AGAIN_AFTER = 5
ASKING_TAKES = 60
"""Seconds after which another request asks, where the one that had begun to has died."""
AWAITED_FOR, LOOKED_EVERY = 15.0, 0.25
"""Seconds for which a request waits for another one that asks, and how often it looks."""
IN_VAIN_FOR = 15
"""Seconds for which nobody asks for a user again for whom the provider did not answer."""

NAME_TAKEN = (
    "Your name here is already another user's, so you are not logged in. Ask an administrator, who may delete that "
    "user, or give you another name."
)

_logger = logging.getLogger(__name__)


class Membership:
    """Keeps the users of a provider: their names, their rights in MLflow, and when to ask for them again. Each method
    asks the database, and maybe the provider: call it in a thread.

    `has_user` tells by the database whether MLflow has a user, `keep` gives a user what the provider says, and
    `is_disabled` tells whom an admin keeps out.
    """

    def __init__(
        self,
        engine: Callable[[], Engine],
        logging_in: LoggingIn,
        seal: Seal,
        has_user: Callable[[str], bool],
        keep: Callable[[str, Arrived], None],
        is_disabled: Callable[[str], bool] = lambda username: False,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine = engine
        self._logging_in = logging_in
        self._seal = seal
        self._has_user = has_user
        self._keep = keep
        self._is_disabled = is_disabled
        self._clock = clock

    def arrived(self, user: Arrived) -> tuple[str, Identity]:
        """Take in who has just signed in at the provider; gives the key of the account, and who that is here.

        Raises:
            LogInRefusedError: the name is somebody else's.
        """
        engine, account, name = self._engine(), user.account, user.username
        key = provider_accounts.account_id(account.issuer, account.subject)
        if provider_accounts.find(engine, key) is None:
            self._check_beginner(name)
        kept = provider_accounts.claim(engine, account.issuer, account.subject, name, self._is_free)
        if kept is None:
            raise LogInRefusedError(
                NAME_TAKEN, f"the name {name} is that of another user at the provider, whom MLflow still has"
            )
        if self._is_disabled(kept.username):
            raise LogInRefusedError(disabled.SENTENCE, f"{kept.username} is disabled")
        self._admit(kept, user, Given())
        return kept.id, Identity(kept.username, user.rights.is_admin)

    def ask(self, key: str) -> Outcome:
        """Say whether the user of an account may still come in."""
        engine, now = self._engine(), int(self._clock())
        kept = provider_accounts.find(engine, key)
        if kept is None:
            return Wrong()
        if kept.refusal:
            return Forbidden(kept.refusal)
        if now - kept.checked_at < self._logging_in.settings.recheck:
            return Verified(Identity(kept.username))
        token = self._seal.opened(kept.sealed).refresh_token
        if not token:
            return Wrong()  # only a log-in can tell, which the provider may make without asking the user
        if provider_accounts.begin_to_ask(engine, key, now, now + ASKING_TAKES):
            return self._asked_again(kept, token, now)
        return self._meanwhile(kept, now) or self._awaited(kept)

    def has(self, username: str) -> bool:
        """Tell whether a name is that of a user at the provider.

        Raises MlflowException when the database does not answer, as MLflow's store does.
        """
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return provider_accounts.has(self._engine(), username)
        except SQLAlchemyError as error:
            raise MlflowException(type(error).__name__) from error

    def given(self, key: str) -> Given:
        """Give what the provider gave at the last log-in of an account."""
        kept = provider_accounts.find(self._engine(), key)
        return Given() if kept is None else self._seal.opened(kept.sealed)

    def _is_free(self, name: str) -> bool:
        return not self._has_user(name)

    def _check_beginner(self, name: str) -> None:
        """Refuse a name to a user who was never here: MLflow's own users keep theirs. Raises LogInRefusedError."""
        settings = self._logging_in.settings
        if name in settings.reserved:
            raise LogInRefusedError(
                NAME_TAKEN, f"{name} is the admin of the values, or a user that oidcAuth.workloads names"
            )
        if self._has_user(name) and not (settings.adopt or provider_accounts.has(self._engine(), name)):
            raise LogInRefusedError(
                NAME_TAKEN,
                f"MLflow has a user {name} already, who does not come from the provider; set "
                "oidcAuth.adoptExistingUsers if they are the same",
            )

    def _meanwhile(self, kept: Kept, now: int) -> Verified | None:
        """Let in whom the provider let in not long ago, while somebody asks it, or it does not answer."""
        settings = self._logging_in.settings
        is_recent = now - kept.checked_at < settings.recheck + settings.grace
        return Verified(Identity(kept.username)) if is_recent else None

    def _awaited(self, kept: Kept) -> Outcome:
        """Wait for what somebody learns who is asking: the provider takes a refresh token only once."""
        end = self._clock() + AWAITED_FOR
        while not kept.in_vain and self._clock() < end:
            time.sleep(LOOKED_EVERY)
            found = provider_accounts.find(self._engine(), kept.id)
            if found is None:
                return Wrong()
            if found.refusal:
                return Forbidden(found.refusal)
            if found.checked_at > kept.checked_at:
                return Verified(Identity(found.username))
            if not found.sealed:
                return Wrong()
            kept = found
        return Unavailable(TRY_AGAIN_AFTER)

    def _asked_again(self, kept: Kept, token: str, now: int) -> Outcome:

        engine, before = self._engine(), self._seal.opened(kept.sealed)

        def keep(refresh_token: str) -> None:
            provider_accounts.replaced(engine, kept.id, self._seal.closed(before._replace(refresh_token=refresh_token)))

        try:
            user = self._logging_in.asked_again(Account(kept.issuer, kept.subject), token, keep)
        except LogInAgainError as error:
            _logger.info("%s must log in again: %s", kept.username, error.detail)
            provider_accounts.turned_away(engine, kept.id, "")
            return Wrong()
        except LogInRefusedError as error:
            _logger.info("%s may not come in any more: %s", kept.username, error.detail)
            provider_accounts.turned_away(engine, kept.id, str(error))
            return Forbidden(str(error))
        except ProviderError as error:
            _logger.warning("the provider cannot be asked whether %s may still come in: %s", kept.username, error)
            provider_accounts.asked_in_vain(engine, kept.id, now + IN_VAIN_FOR)
            return self._meanwhile(kept, now) or Unavailable(TRY_AGAIN_AFTER)
        try:
            with asking_users("no user can be kept"):
                self._admit(kept, user, before)
        except UsersDatabaseError:
            return Unavailable(TRY_AGAIN_AFTER)
        return Verified(Identity(kept.username))

    def _admit(self, kept: Kept, user: Arrived, before: Given) -> None:
        """Keep what the provider says, and what it gave; a refresh may leave out what stays as it was before.

        Rights come first, and only then that the provider was asked: if one of them fails, it is asked again. What it
        is asked by must not fail with them, so a refresh token that replaces another is kept before both.
        """
        given = Given(user.refresh_token or before.refresh_token, user.id_token or before.id_token)
        self._keep(kept.username, user)
        provider_accounts.admitted(self._engine(), kept.id, self._seal.closed(given), int(self._clock()))
