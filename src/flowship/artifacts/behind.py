"""Addresses of artifacts that clients reach through the server alone, and where these are in its store."""

from __future__ import annotations

BEHIND = "mlflow-artifacts:"
"""How they begin."""
DEFAULT_WORKSPACE = "default"
"""The workspace of servers without workspaces, whose artifacts lie as without them."""
WORKSPACES = "workspaces"
"""The folder in which each other workspace has one of its own."""


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


def in_store(address: str, root: str, workspace: str = DEFAULT_WORKSPACE) -> str:
    """Give the address in the store, whose root is known, of what clients of a workspace may reach through the server.

    Raises:
        OtherServerError: it names a server.
    """
    path = path_behind(address)
    return address if path is None else f"{root.rstrip('/')}/{of_workspace(path, workspace)}".rstrip("/")


def of_workspace(path: str, workspace: str) -> str:
    """Give the path to which MLflow's server takes one that clients of a workspace ask for: below the folder of that,
    whether it says so or not."""
    if workspace == DEFAULT_WORKSPACE or path.partition("/")[0] == WORKSPACES:
        return path
    return f"{WORKSPACES}/{workspace}/{path}".rstrip("/")
