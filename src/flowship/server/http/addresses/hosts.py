"""The Host header, checked as MLflow does, and more strictly where a pattern is meant for addresses.

MLflow lets in whatever looks like a private address: `10.evil.example` matches its `10.*`. A page of that host, whose
name is then pointed at this server, would read it with the browser of somebody who may.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import TYPE_CHECKING

from flowship.auth.responding import respond
from flowship.server.http.addresses.memory import remember_short
from flowship.server.reporting.seldom import Seldom

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Receive, Scope, Send

    Allows = Callable[[str], bool]

_seldom = Seldom(logging.getLogger(__name__))

HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[^\s\[\]:/?#@\\,]+)(:[0-9]{0,5})?")
"""What RFC 9110 lets stand there, as far as it matters: nothing that a URL made of it would end its host by."""
ADDRESSES = re.compile(r"[0-9.*]*[0-9][0-9.*]*")
"""A pattern, without its port, that stands for addresses of IPv4."""

HOSTS = 1_000
"""Headers of which it is remembered whether they are allowed."""


def is_allowed(host: str, patterns: Sequence[str]) -> bool:
    """Tell whether a Host header matches a pattern; one with `*` that is made of numbers matches addresses only."""
    found = HOST.fullmatch(host)
    if found is None:
        return False
    matching = [pattern for pattern in patterns if (fnmatchcase(host, pattern) if "*" in pattern else host == pattern)]
    return any(not _means_addresses(pattern) for pattern in matching) or (bool(matching) and _is_address(found["name"]))


def _means_addresses(pattern: str) -> bool:
    name = pattern.partition(":")[0]
    return "*" in name and ADDRESSES.fullmatch(name) is not None


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


class Hosts:
    """Refuses requests for other hosts, with MLflow's words."""

    def __init__(self, app: ASGIApp, patterns: Sequence[str], is_exempt: Allows, sentence: str) -> None:
        """`is_exempt` tells the paths that are answered for any host."""
        self._app = app
        self._allows = remember_short(lambda host: is_allowed(host, patterns), HOSTS)
        self._is_exempt = is_exempt
        self._sentence = sentence.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_for_us(scope):
            await self._app(scope, receive, send)
        else:
            await respond(send, HTTPStatus.FORBIDDEN, self._sentence, b"text/plain")

    def _is_for_us(self, scope: Scope) -> bool:
        hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if (len(hosts) == 1 and self._allows(hosts[0])) or self._is_exempt(scope["path"]):
            return True
        _seldom.warning("requests for the host %r are refused; allowedHosts adds to those allowed", ", ".join(hosts))
        return False
