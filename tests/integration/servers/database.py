"""An empty database that a test has to itself."""

from __future__ import annotations

import random
import secrets
import string
from dataclasses import dataclass
from typing import Any

# Everything that a URL, a shell, SQL, YAML, an ini file or a format string may stumble over.
HARD_CHARACTERS = string.punctuation + " "


@dataclass(frozen=True)
class Database:
    """Where a database is and who may use it: its own user, who owns it and nothing else."""

    host: str
    port: int
    name: str
    user: str
    password: str

    def section(self, **changes: Any) -> dict[str, Any]:
        """The section of the values that names it, with the keys of `changes` in place of its own."""
        return {
            "enabled": True,
            "host": self.host,
            "port": self.port,
            "database": self.name,
            "user": self.user,
            "password": self.password,
            **changes,
        }


def hard_password() -> str:
    """A random password with every punctuation character of ASCII and a space inside."""
    inside = random.sample(HARD_CHARACTERS, len(HARD_CHARACTERS))
    return "p" + "".join(inside) + secrets.token_hex(8)


def fresh_name() -> str:
    """A name that no other database or user of this run has."""
    return f"test_{secrets.token_hex(6)}"
