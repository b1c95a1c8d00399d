"""What users may do on the new side and not on the old one: a move carries rows, and access is in the values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.signing_in import method

if TYPE_CHECKING:
    from flowship.values.model.root import Values

WIDER = ("NO_PERMISSIONS", "READ", "USE", "EDIT", "MANAGE")
"""What users may do with what nobody gave them rights for, `auth.defaultPermission`, the least first."""


def widened(old: Values, new: Values) -> str | None:
    """Say by which key the new values let users do more than the old ones, and what to write instead; None if by
    none."""
    if method(old) == "none":
        return None
    if method(new) == "none":
        return (
            "auth.enabled: the old values have people sign in, the new ones let everybody do everything. Write what "
            "the old ones say of auth, ldapAuth or oidcAuth into the new ones too, before a server starts with them."
        )
    before, after = old.auth.defaultPermission, new.auth.defaultPermission
    if WIDER.index(after) <= WIDER.index(before):
        return None
    return (
        f"auth.defaultPermission: {before} in the old values, {after} in the new ones, by which users may do more "
        f"with what nobody gave them rights for. Write {before}, if it is to stay as it was, before a server starts "
        "with them."
    )
