"""Servers with users, for those who attack them: an admin, and whoever a module names."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.integration.flowship import Running, running
from tests.integration.server.asking import ask, basic

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

User = tuple[str, str]
"""A name and a password."""

ADMIN: User = ("admin", "correct horse battery")


def auth(**more: Any) -> dict[str, Any]:
    """The section of values that has users and this admin."""
    return {"enabled": True, "adminUsername": ADMIN[0], "adminPassword": ADMIN[1], **more}


@contextmanager
def attacked(
    data: Path, *users: User, values: Mapping[str, Any] | None = None, tables: bool = True, **more: Any
) -> Iterator[Running]:
    """Run a server with these users, `values`, and what `auth` has `more`."""
    with running({**(values or {}), "auth": auth(**more)}, data=data, tables=tables) as server:
        make_users(server, *users)
        yield server


def make_users(server: Running, *users: User) -> None:
    """Have the admin make users."""
    path = f"{urlsplit(server.address).path}/api/2.0/mlflow/users/create"
    for name, password in users:
        body = {"username": name, "password": password}
        made = ask(server.address, path, method="POST", body=body, headers=basic(*ADMIN))
        assert made.status == 200, made.text
