"""Whose a token of a trusted issuer is: the first entry of the values that fits it names the user."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache

from flowship.auth.authenticator import Forbidden, Identity, Unavailable, Verified, Wrong
from flowship.auth.disabled import still_enabled
from flowship.auth.memory.looking_up import Lasting
from flowship.auth.methods.oidc.members.claims import found as claim_of
from flowship.auth.methods.oidc.provider.errors import ProviderError
from flowship.auth.methods.oidc.provider.signed_token import BadTokenError
from flowship.auth.workloads.issuers import Issuer
from flowship.auth.workloads.said_issuer import issuer_of
from flowship.auth.workloads.settings import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from flowship.auth.authenticator import Credentials, Outcome
    from flowship.auth.workloads.settings import Source, WorkloadSettings

NO_ENTRY = (
    "This token is its issuer's, but it is for another audience, or names nobody whom this server knows. Its log says "
    "what differs."
)
NO_USER = "This token names a user whom this server does not have. Ask an admin to make the user."
RETRY_AFTER = 10
"""Seconds after which to ask again when an issuer, or a database, did not answer."""
TOLD_EVERY = 10.0
"""Seconds within which the log tells the same once: anybody can send a token that is refused."""
MOST_TOLD = 1_000
"""Sentences that are remembered as told; they name issuers and entries of the values, not tokens."""

_logger = logging.getLogger(__name__)


class WorkloadLookUp:
    """Finds out whose a token is; called in threads, with the token in the place of a password."""

    def __init__(
        self,
        workloads: Iterable[WorkloadSettings],
        has_user: Callable[[str], bool],
        disabled: Callable[[str], bool] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`has_user` tells, by the database, whether MLflow has a user, and `disabled` whether that one is disabled."""
        self._entries: dict[Source, list[WorkloadSettings]] = {}
        for each in workloads:
            self._entries.setdefault(each.source, []).append(each)
        self._issuers = {source: Issuer(source, clock=clock, now=now) for source in self._entries}
        self._has_user, self._disabled = has_user, disabled
        self._told = _SeldomTold(clock)

    def __call__(self, credentials: Credentials) -> Lasting | Outcome:
        issuer = issuer_of(credentials.password)
        outcome: Lasting | Outcome = Wrong()
        for source in self._entries:  # an issuer has several only where its entries have keys of their own
            if source.issuer == issuer:
                outcome = self._asked(source, credentials)
                if not isinstance(outcome, Wrong):
                    break
        return outcome

    def _asked(self, source: Source, credentials: Credentials) -> Lasting | Outcome:
        try:
            claims, seconds = self._issuers[source].verified(credentials.password)
        except BadTokenError as error:
            self._told(f"a token of {source.issuer} was refused: it {error.what}")
            return Wrong()
        except ProviderError as error:
            self._told(f"no token of {source.issuer} can be verified: {error}")
            return Unavailable(RETRY_AFTER)
        entry = self._fitting(source, claims)
        if entry is None:
            return Forbidden(NO_ENTRY)
        if credentials.username not in ("", entry.user):
            self._told(
                f"a token of {source.issuer} was refused: its request names another user than {entry.place}.user"
            )
            return Wrong()
        outcome = self._admitted(entry)
        return Lasting(outcome, seconds) if isinstance(outcome, Verified) else outcome

    def _fitting(self, source: Source, claims: Mapping[str, Any]) -> WorkloadSettings | None:
        differences = []
        for entry in self._entries[source]:
            differs = difference(entry, claims)
            if differs is None:
                return entry
            differences.append(f"{entry.place} wants another {differs}")
        self._told(f"a token of {source.issuer} was refused: {'; '.join(differences)}")
        return None

    def _admitted(self, entry: WorkloadSettings) -> Outcome:
        from mlflow.exceptions import MlflowException

        try:
            known = self._has_user(entry.user)
        except MlflowException as error:  # its store wraps what a database that is down raises
            self._told(f"no token can be verified, because the users' database failed: {error.error_code}")
            return Unavailable(RETRY_AFTER)
        if not known:
            self._told(
                f"a token was refused, because there is no user {entry.user!r}, as {entry.place}.user has it; make the "
                f"user with `flowship users add`, or correct {KEY}"
            )
            return Forbidden(NO_USER)
        identity = Identity(entry.user, by_token=True, read_only=entry.read_only)
        return still_enabled(Verified(identity), self._disabled)


def difference(entry: WorkloadSettings, claims: Mapping[str, Any]) -> str | None:
    """Name the first claim in which a token is not what an entry wants; None if it fits."""
    audience = claims.get("aud")
    if entry.audience not in (audience if isinstance(audience, list) else [audience]):
        return "aud"
    return next((name for name, wanted in entry.claims.items() if claim_of(claims, name) not in wanted), None)


class _SeldomTold:
    """Tells the log what strangers can cause, each sentence once in a while. Used by many threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._lock = threading.Lock()
        self._told: TTLCache[str, bool] = TTLCache(MOST_TOLD, TOLD_EVERY, clock)

    def __call__(self, sentence: str) -> None:
        with self._lock:
            if sentence in self._told:
                return
            self._told[sentence] = True
        _logger.warning("%s", sentence)
