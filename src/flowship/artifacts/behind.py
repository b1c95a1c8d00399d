"""Addresses of artifacts that clients reach through the server alone, and where these are in its store."""

from __future__ import annotations

BEHIND = "mlflow-artifacts:"
"""How they begin."""


class OtherServerError(Exception):
    """The address names a server, which may be another one; the message is its name."""


def path_behind(address: str) -> str | None:
    """Give the path of what an address names behind the server, without slashes at its ends; None for an address in a
    store itself.

    Raises:
        OtherServerError: it names a server.
    """
    if address != BEHIND and not address.startswith(f"{BEHIND}/"):
        return None
    rest = address.removeprefix(BEHIND)
    if server := rest[2:].partition("/")[0] if rest.startswith("//") else "":
        raise OtherServerError(server)
    return rest.strip("/")


def in_store(address: str, root: str) -> str:
    """Give the address in the store, whose root is known, of what clients may reach through the server.

    Raises:
        OtherServerError: it names a server.
    """
    path = path_behind(address)
    return address if path is None else f"{root.rstrip('/')}/{path}".rstrip("/")
