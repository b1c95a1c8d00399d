"""The address that a request comes from: its peer's, or what trusted proxies say."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    Network = ipaddress.IPv4Network | ipaddress.IPv6Network
    Address = ipaddress.IPv4Address | ipaddress.IPv6Address


HOPS = 32
"""Proxies in a row that are followed at most."""


def networks(proxies: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks such as `10.0.0.0/8`. Raises ValueError for anything else."""
    return tuple(ipaddress.ip_network(proxy, strict=False) for proxy in proxies)


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """Give the last address in `X-Forwarded-For` that no trusted proxy has, or the peer's when that is no trusted
    proxy.

    What stands before is what the client itself may have written. `forwarded_for` are the header's values in order.
    """
    last = _address(peer)
    if last is None or not _is_in(last, trusted):
        return peer
    for text in reversed(",".join(forwarded_for).rsplit(",", HOPS)[-HOPS:]):
        hop = _address(text.strip())
        if hop is None:
            break
        last = hop
        if not _is_in(hop, trusted):
            break
    return str(last)


def is_trusted(peer: str, trusted: Sequence[Network]) -> bool:
    """Tell whether a peer is a trusted proxy."""
    address = _address(peer)
    return address is not None and _is_in(address, trusted)


def _is_in(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)


def _address(text: str) -> Address | None:
    """Give an address as proxies write it: some add a port."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket for both kinds of address shows one of IPv4 as one of IPv6.
    return (address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None) or address
