"""What a request says of itself, as ASGI describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowship.auth.authenticator import Scope


def client(scope: Scope) -> str:
    """Give the address that a request comes from; empty where the server does not know it."""
    address: str = (scope.get("client") or ("",))[0]
    return address


def header(scope: Scope, name: bytes) -> str:
    """Give what a request's first header of this name, in lower case, says; empty where there is none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")
