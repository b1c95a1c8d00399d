"""What the groups of a user let the user do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from flowship.auth.methods.ldap.dn import parsed, same
from flowship.auth.methods.ldap.names import filled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowship.auth.methods.ldap.client import Session
    from flowship.auth.methods.ldap.settings import DirectorySettings

Role = Literal["admin", "user"]

LEVELS = 10
"""Of groups in groups that are looked at."""
AT_ONCE = 50
"""Groups in one search, since servers limit the length of a filter."""


def role(session: Session, settings: DirectorySettings, dn: str, name: str) -> Role | None:
    """Find what a user may be: an admin if in the admins' group, else a user if in the users', else nothing.

    Raises DirectoryError when the groups cannot be searched.
    """
    groups = _groups(session, settings, [dn], name)
    if settings.nested:
        groups = _with_those_above(session, settings, groups, name)
    if settings.admin_group and any(same(group, settings.admin_group) for group in groups):
        return "admin"
    if settings.user_group and any(same(group, settings.user_group) for group in groups):
        return "user"
    return None


def _with_those_above(session: Session, settings: DirectorySettings, groups: list[str], name: str) -> list[str]:
    """Give the groups, and those that they are members of. A circle of groups ends, since each is looked at once."""
    found, new = list(groups), groups
    seen = {_key(group) for group in groups}
    for _ in range(LEVELS):
        if not new or any(same(group, settings.admin_group) for group in new):
            break
        above = _groups(session, settings, new, name)
        new = [group for group in above if _key(group) not in seen]
        seen |= {_key(group) for group in new}
        found += new
    return found


def _groups(session: Session, settings: DirectorySettings, members: list[str], name: str) -> list[str]:
    """Find the groups with any of these DNs as a member."""
    found: list[str] = []
    by_dn = settings.group_attribute.lower() == "dn"
    attribute = settings.group_attribute.lower()
    for start in range(0, len(members), AT_ONCE):
        asked = _any_of(filled(settings.group_filter, value=dn, name=name) for dn in members[start : start + AT_ONCE])
        for entry in session.search(settings.group_base, asked, [] if by_dn else [settings.group_attribute]):
            found += [entry.dn] if by_dn else entry.attributes.get(attribute, [])
    return found


def _any_of(filters: Iterable[str]) -> str:
    several = list(filters)
    return several[0] if len(several) == 1 else f"(|{''.join(several)})"


def _key(group: str) -> object:
    try:
        return parsed(group)
    except ValueError:
        return group
