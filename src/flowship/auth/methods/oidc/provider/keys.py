"""The keys with which a provider signs. They change: who names an unknown one has it asked for, but not each time."""

from __future__ import annotations

import base64
import threading
import time
from typing import TYPE_CHECKING, Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from flowship.auth.methods.oidc.provider.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowship.auth.methods.oidc.provider.asking import Answer

PublicKey = RSAKey | ECKey

KINDS: Mapping[str, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey}
"""Keys that come in pairs. One that is a shared secret could sign what it verifies, so it is none of these."""
_KIND_OF = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
"""For the first letters of an algorithm, the kind of key that it takes."""
KEPT_FOR = 3600.0
"""Seconds after which the keys are asked for again, so that one which the provider has withdrawn is not believed for
ever."""
ASKED_AGAIN_AFTER = 10.0
"""Seconds within which a key that nobody knows is not asked for twice, nor any after an answer that was none: anybody
can send a token that names one."""
SMALLEST_RSA = 2048
"""Bits."""


class Keys:
    """Holds a provider's keys. `ask` gets its document of them. Used by many threads."""

    def __init__(self, ask: Callable[[], Answer], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock = ask, clock
        self._lock = threading.Lock()
        self._found: list[PublicKey] = []
        self._asked_at: float | None = None
        self._failed: tuple[ProviderError, float] | None = None

    def fitting(self, algorithm: str, kid: str | None) -> list[PublicKey]:
        """Give the keys that a token by this algorithm, which names this key or none, may be signed with.

        Raises:
            ProviderError: the keys have to be asked for, and cannot be.
        """
        with self._lock:
            asked_now = self._ask_if_older(KEPT_FOR)
            found = _fitting(self._found, algorithm, kid)
            if not found and not asked_now and self._ask_if_older(ASKED_AGAIN_AFTER):
                found = _fitting(self._found, algorithm, kid)
            return found

    def all(self) -> list[PublicKey]:
        """Give all keys. Raises ProviderError."""
        with self._lock:
            self._ask_if_older(KEPT_FOR)
            return list(self._found)

    def _ask_if_older(self, age: float) -> bool:
        if self._asked_at is not None and self._clock() - self._asked_at < age:
            return False
        if self._failed is not None and self._clock() - self._failed[1] < ASKED_AGAIN_AFTER:
            before = self._failed[0]
            raise type(before)(*before.args)
        try:
            self._found = public_keys(self._ask().document())
        except ProviderError as error:
            self._failed = error, self._clock()
            raise
        self._asked_at, self._failed = self._clock(), None
        return True


def public_keys(document: Mapping[str, Any]) -> list[PublicKey]:
    """Read the keys for signatures from a provider's document; keys of other kinds are left out."""
    listed = document.get("keys")
    read = (_key(each) for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
    return [key for key in read if key is not None]


def _key(given: dict[str, Any]) -> PublicKey | None:
    kind = KINDS.get(str(given.get("kty")))
    if kind is None or given.get("use", "sig") != "sig" or (kind is RSAKey and _is_small(given.get("n"))):
        return None
    try:
        return kind.import_key(given)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _is_small(modulus: object) -> bool:
    """Tell whether a modulus of RSA is too small to protect anything, or none."""
    try:
        number = base64.urlsafe_b64decode(f"{modulus}==")
    except ValueError:
        return True
    return int.from_bytes(number).bit_length() < SMALLEST_RSA


def _fitting(keys: list[PublicKey], algorithm: str, kid: str | None) -> list[PublicKey]:
    kind = _KIND_OF.get(algorithm[:2])
    return [
        key
        for key in keys
        if key.key_type == kind and kid in {None, key.kid} and (key.alg is None or key.alg == algorithm)
    ]
