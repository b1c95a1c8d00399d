"""What a request says of itself, as ASGI describes it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowship.auth.authenticator import Scope


NETWORK = 64
"""Bits that an address of IPv6 shares with all others that whoever has it may take."""


def client(scope: Scope) -> str:
    """Give the address that a request comes from; empty where the server does not know it."""
    address: str = (scope.get("client") or ("",))[0]
    return address


def network_of(address: str) -> str:
    """Give what stands for all addresses that one person may have, where requests from an address are counted: itself,
    or of IPv6 its network."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, NETWORK), strict=False))


def header(scope: Scope, name: bytes) -> str:
    """Give what a request's first header of this name, in lower case, says; empty where there is none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")
