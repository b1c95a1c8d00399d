"""The databases of a server, as URLs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import URL


@dataclass(frozen=True)
class Databases:
    """The databases of these values."""

    tracking: URL
    auth: URL | None
    """That of users and permissions, if they are asked for."""
