"""Who sends the requests."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True)
class User:
    """A user of MLflow, with a password of this run alone."""

    name: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def authorization(self) -> str:
        """The header's value (RFC 7617)."""
        return "Basic " + base64.b64encode(f"{self.name}:{self.password}".encode()).decode()


ADMIN = User("benchmark-admin")
PLAIN = User("benchmark-user")
"""Not an admin: may edit the experiments of the benchmark, by permissions that the admin gave."""
