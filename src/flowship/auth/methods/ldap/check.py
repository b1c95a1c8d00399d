"""Tries a directory, for `flowship check --live`: each check says in a sentence whether something works."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from flowship.auth.authenticator import Credentials, Forbidden, Outcome, Verified
from flowship.auth.methods.ldap import login
from flowship.auth.methods.ldap.client import Directory
from flowship.auth.methods.ldap.dn import parsed
from flowship.auth.methods.ldap.errors import DirectoryDownError, DirectoryError
from flowship.auth.methods.ldap.names import canonical
from flowship.check import Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowship.auth.methods.ldap.client import Session
    from flowship.auth.methods.ldap.settings import DirectorySettings

USER, PASSWORD = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"
"""The variables with which MLflow's clients log in: who sets them has this user tried too."""


def checks(settings: DirectorySettings, environ: Mapping[str, str]) -> Iterator[Check]:
    """Try each server, the service account, both groups, and a user if the environment names one."""
    directory = Directory(settings)
    for uri in settings.uris:
        yield from _server(directory, uri)
    if environ.get(USER):
        yield _user(directory, Credentials(environ[USER], environ.get(PASSWORD, "")))
    elif settings.search is None:
        yield Check(True, f"no user was tried: set {USER} and {PASSWORD} to try one, and its groups")


def _server(directory: Directory, uri: str) -> Iterator[Check]:
    settings = directory.settings
    try:
        session = directory.connect(uri)
    except DirectoryDownError as error:
        yield Check(False, str(error))
        return
    with contextlib.closing(session):
        yield Check(True, f"{uri}: connected{_encryption(settings, uri)}")
        try:
            if settings.search is not None:
                login.log_in(session, settings.search)
                yield Check(True, f"{uri}: the service account may log in")
            for key, dn in _groups(settings):
                yield _group(session, settings, key, dn)
        except DirectoryError as error:
            yield Check(False, str(error))


def _encryption(settings: DirectorySettings, uri: str) -> str:
    if not uri.lower().startswith("ldaps:") and not settings.start_tls:
        return ", NOT encrypted: passwords can be read on the way. Use ldaps://, or give the CA's certificate"
    if settings.verification == "none":
        return ", encrypted, its certificate not checked"
    return ", its certificate is valid"


def _groups(settings: DirectorySettings) -> Iterator[tuple[str, str]]:
    for name, dn in {"admin": settings.admin_group, "user": settings.user_group}.items():
        if dn:
            yield f"ldapAuth.{name}GroupDistinguishedName", dn


def _group(session: Session, settings: DirectorySettings, key: str, dn: str) -> Check:
    try:
        parsed(dn)
    except ValueError as error:
        return Check(False, f"{key}: {error}")
    try:
        found = session.search(dn, "(objectClass=*)", only_base=True)
    except DirectoryDownError:
        raise
    except DirectoryError:
        found = []
    if found:
        return Check(True, f"{key}: found")
    if settings.search is None:
        return Check(True, f"{key}: not seen without a user's password, which is common")
    return Check(False, f"{key}: {dn} is not there, or the service account may not read it; correct the DN")


def _user(directory: Directory, credentials: Credentials) -> Check:
    name = canonical(credentials.username)
    try:
        outcome: Outcome | None = login.verify(directory, Credentials(name, credentials.password)) if name else None
    except DirectoryError as error:
        return Check(False, f"{USER}: {error}")
    if isinstance(outcome, Verified):
        role = "admin" if outcome.identity.is_admin else "user"
        return Check(True, f"{USER}: {outcome.identity.username} may log in as {role}")
    if isinstance(outcome, Forbidden):
        return Check(False, f"{USER}: the password is right, but this user is in neither group")
    return Check(False, f"{USER}: there is no such user, or {PASSWORD} is not its password")
