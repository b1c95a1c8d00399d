"""What MLflow lets be granted on what, known without importing it; a test compares."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from flowship.accounts.words import unknown
from flowship.errors import AccountsError

PERMISSIONS = ("READ", "USE", "EDIT", "MANAGE", "DENY")

WORKSPACE = "workspace"
WORKSPACE_PERMISSIONS = ("USE", "MANAGE")
"""What a role may grant on its workspace: to work in it, and to manage its users and roles."""

NAMED = (
    *("experiment", "registered_model", "prompt", "scorer", "mcp_server", "skill"),
    *("gateway_secret", "gateway_endpoint", "gateway_model_definition"),
)
"""Types of which one can be named, or all by `*`."""

ALL_ONLY = (
    *("run", "trace", "assessment", "logged_model", "review_queue", "registered_model_version", "prompt_version"),
    *("scorer_version", "mcp_server_version", WORKSPACE),
)
"""Types of which all are meant."""

EVERYTHING = "*"

EXPERIMENT = re.compile(r"0|[1-9][0-9]{0,17}")
"""An experiment's number as MLflow writes it."""


class Resource(NamedTuple):
    """Names what something is granted on."""

    resource_type: str
    name: str

    def __str__(self) -> str:
        return f"{self.resource_type}:{self.name}"


def resource(text: str) -> Resource:
    """Read `TYPE:NAME`, `TYPE:*`, or the type alone where only all can be meant. Raises AccountsError."""
    resource_type, colon, name = text.partition(":")
    if resource_type not in NAMED + ALL_ONLY:
        types = ", ".join(sorted(NAMED + ALL_ONLY))
        raise unknown("There is no type of things", resource_type, NAMED + ALL_ONLY, f"Write one of {types}.")
    if resource_type in ALL_ONLY:
        if name not in ("", EVERYTHING):
            raise AccountsError(
                f"{resource_type}: MLflow grants on all of this type or none. Write {resource_type}, or name what it "
                "belongs to, such as experiment:12."
            )
        return Resource(resource_type, EVERYTHING)
    if not colon or not name:
        raise AccountsError(f"{resource_type}: which one? Write {resource_type}:NAME, or {resource_type}:* for all.")
    if resource_type == "experiment" and name != EVERYTHING and not EXPERIMENT.fullmatch(name):
        raise AccountsError(f"experiment:{name}: write its number, which its page's address shows, not its name.")
    if resource_type == "scorer" and name != EVERYTHING:
        return Resource(resource_type, _scorer(name))
    return Resource(resource_type, name)


def _scorer(name: str) -> str:
    """Write a scorer as MLflow keeps it: its experiment, and its name encoded, as lists show it too."""
    number, slash, rest = name.partition("/")
    if not slash or not rest or not EXPERIMENT.fullmatch(number):
        raise AccountsError(f"scorer:{name}: write the number of its experiment too, as in scorer:12/quality.")
    return f"{number}/{quote(unquote(rest), safe='')}"


def permission(text: str) -> str:
    """Read a permission, in any case. Raises AccountsError."""
    found = text.upper()
    if found == "NO_PERMISSIONS":
        raise AccountsError(
            "NO_PERMISSIONS is what somebody has to whom nothing was granted, if auth.defaultPermission says so. Take "
            "a grant away by `flowship revoke`, or write DENY, which wins over all grants."
        )
    if found not in PERMISSIONS:
        raise unknown("There is no permission", text, PERMISSIONS, f"Write one of {', '.join(PERMISSIONS)}.")
    return found


def require_grantable(level: str, on: Resource, *, to_user: bool) -> None:
    """Refuse what MLflow does not let be granted on this. Raises AccountsError."""
    if on.resource_type != WORKSPACE:
        return
    if to_user:
        raise AccountsError("workspace: is granted by roles only. Write --role NAME, and assign it to the user.")
    if level not in WORKSPACE_PERMISSIONS:
        raise AccountsError(
            f"workspace: {level} cannot be granted on it. Write USE, to work in it, or MANAGE, for its users and roles."
        )
