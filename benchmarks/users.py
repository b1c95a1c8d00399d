"""Who sends the requests."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Sender(Protocol):
    """Somebody whom a server can know."""

    @property
    def headers(self) -> Mapping[str, str]:
        """What says so in a request."""


@dataclass(frozen=True)
class User:
    """A user of MLflow, with a password of this run alone."""

    name: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        """The header of RFC 7617."""
        return {"Authorization": "Basic " + base64.b64encode(f"{self.name}:{self.password}".encode()).decode()}


@dataclass(frozen=True)
class ByToken:
    """Whoever has a token."""

    token: str = field(repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True)
class BySession:
    """A page of a browser in which somebody has signed in."""

    cookies: Mapping[str, str] = field(repr=False)
    origin: str

    @property
    def headers(self) -> Mapping[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie, "Origin": self.origin, "Sec-Fetch-Site": "same-origin"}


ADMIN = User("benchmark-admin")
PLAIN = User("benchmark-user")
"""Not an admin: may edit the experiments of the benchmark, by permissions that the admin gave."""
