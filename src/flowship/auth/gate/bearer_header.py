"""A token in an HTTP header: Bearer, as RFC 6750 has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.auth.gate.basic_claims import AUTHORIZATION

if TYPE_CHECKING:
    from flowship.auth.authenticator import Scope


def bearer(scope: Scope) -> str:
    """Give the token of a request that has one such header and no second; empty without one."""
    values = [value for name, value in scope["headers"] if name.lower() == AUTHORIZATION]
    if len(values) != 1 or values[0][:7].lower() != b"bearer ":
        return ""
    return bytes(values[0][7:]).strip().decode("latin-1")
