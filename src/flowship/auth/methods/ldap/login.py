"""One log-in: find the user, verify the password, look at the groups."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Forbidden, Identity, Verified, Wrong
from flowship.auth.methods.ldap.errors import DirectoryDownError, DirectorySetupError
from flowship.auth.methods.ldap.membership import role
from flowship.auth.methods.ldap.names import bind_dn, canonical, filled

if TYPE_CHECKING:
    from flowship.auth.authenticator import Credentials, Outcome
    from flowship.auth.methods.ldap.client import Directory, Session
    from flowship.auth.methods.ldap.membership import Role
    from flowship.auth.methods.ldap.settings import UserSearch

IN_NO_GROUP = (
    "Your password is right, but you are in none of the groups that may use this server. Ask an administrator of the "
    "directory."
)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class User:
    """A user's entry and the name in MLflow."""

    dn: str
    name: str


def verify(directory: Directory, credentials: Credentials) -> Outcome:
    """Verify one user at the directory, on a connection of its own. The name is in its one spelling
    (`names.canonical`).

    Who does not know the password learns nothing about the user's groups.

    Raises:
        DirectoryError: it cannot say.
    """
    if not credentials.password or "\0" in credentials.password:
        return Wrong()
    settings = directory.settings
    with directory.connected() as session:
        if settings.search is None:
            user = User(bind_dn(settings.bind_template, credentials.username), credentials.username)
            if not session.bind(user.dn, credentials.password):
                return Wrong()
            found = role(session, settings, user.dn, user.name)
        else:
            log_in(session, settings.search)
            searched = find(session, settings.search, credentials.username)
            if searched is None:
                return Wrong()
            user = searched
            found = role(session, settings, user.dn, user.name)
            if not session.bind(user.dn, credentials.password):
                return Wrong()
    return _found_out(user, found, credentials.username)


def still_admitted(directory: Directory, search: UserSearch, name: str) -> Outcome:
    """Find out without the password what a user may be who signed in before, with this name in its one spelling.

    Raises:
        DirectoryError: it cannot say.
    """
    with directory.connected() as session:
        log_in(session, search)
        user = find(session, search, name)
        if user is None:
            return Wrong()
        found = role(session, directory.settings, user.dn, user.name)
    return _found_out(user, found, name)


def _found_out(user: User, found: Role | None, login: str) -> Outcome:
    """Give what was found out about a user, whom the directory finds again by the name of the `login`."""
    if found is None:
        return Forbidden(IN_NO_GROUP)
    return Verified(Identity(user.name, is_admin=found == "admin", login=login))


def log_in(session: Session, search: UserSearch) -> None:
    """Log in as the service account. Raises DirectoryDownError: without it, no user can be verified."""
    if not session.bind(search.bind_dn, search.bind_password):
        raise DirectoryDownError(
            f"{session.uri} does not let the service account {search.bind_dn} in; correct "
            "ldapAuth.userSearch.bindDistinguishedName or the account's password"
        )


def find(session: Session, search: UserSearch, name: str) -> User | None:
    """Find the one user with this name.

    Raises:
        DirectorySetupError: the entry does not say the user's name.
    """
    found = session.search(search.base, filled(search.filter, value=name), [search.name_attribute])
    if len(found) > 1:
        _logger.warning("%d entries are called %r; make ldapAuth.userSearch.filter find one", len(found), name)
    if len(found) != 1:
        return None
    entry = found[0]
    names = entry.attributes.get(search.name_attribute.lower(), [])
    spelt = canonical(names[0]) if names else None
    if spelt is None:
        raise DirectorySetupError(
            f"{entry.dn} has no usable {search.name_attribute}; name another attribute in "
            "ldapAuth.userSearch.nameAttribute"
        )
    return User(entry.dn, spelt)
