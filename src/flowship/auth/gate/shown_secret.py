"""The secret that a request shows in `Authorization`: a password, or a token as Bearer or in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Claim, Credentials
from flowship.auth.gate import basic_header

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flowship.auth.authenticator import Scope
    from flowship.auth.gateway import Gateway

AUTHORIZATION = b"authorization"


@dataclass(frozen=True)
class ShownSecret:
    """Reads the header that counts for a request's path, as MLflow looks for it: once for all entrances whose readers
    are equal."""

    gateway: Gateway | None = None

    def __call__(self, scope: Scope) -> Claim | None:
        """Give the claim of a request, or None if it has another kind of header, or none."""
        named, shown = AUTHORIZATION, _values(scope, AUTHORIZATION)
        value = shown[0] if shown else b""
        if self.gateway and scope["path"].startswith(self.gateway.path):
            own = _values(scope, self.gateway.header)
            if own and own[0]:  # an empty one counts as none, as for MLflow
                named, value = self.gateway.header, own[0]
        if basic_header.is_basic(value):
            return Claim(named, basic_header.credentials(value), named)
        token = _bearer(shown)
        return Claim(AUTHORIZATION, Credentials("", token), is_bearer=True) if token else None


def is_basic(claim: Claim) -> bool:
    """Tell whether a request shows a name and a password, if these can be read."""
    return not claim.is_bearer


def like(is_ours: Callable[[str], object]) -> Callable[[Claim], bool]:
    """Make what takes the secrets that look like a kind of token, in whichever of the two places."""
    return lambda claim: claim.credentials is not None and bool(is_ours(claim.credentials.password))


def _values(scope: Scope, wanted: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == wanted or name.lower() == wanted]


def _bearer(values: Sequence[bytes]) -> str:
    """Give the token of the Bearer scheme (RFC 6750) that a request has in one such header and no second."""
    if len(values) != 1 or values[0][:7].lower() != b"bearer ":
        return ""
    return bytes(values[0][7:]).strip().decode("latin-1")
