"""A directory with people and groups of every common kind, shared by tests that only read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme

from flowship.auth.methods.ldap.settings import DirectorySettings
from tests.integration.servers.slapd import GROUPS, PEOPLE, SlapdServer, group, person, person_dn

ADMINS, USERS = f"cn=admins,{GROUPS}", f"cn=users,{GROUPS}"
PASSWORD = "right ☂ password"

HOSTILE_NAMES = [
    "*",
    "a*",
    ")(uid=*",
    "*)(uid=*))(|(uid=*",
    "\\2a",
    "\\",
    "a,ou=groups",
    "a+sn=b",
    'a"b',
    "a<b>;c=d",
    "#a",
    "%s",
    "%u",
    "é密🔑",
    "x" * 200,
]
"""Names that people really have in this directory, and that nobody is in another way."""


def people() -> Iterator[str]:
    for name in ["ann", "bob", "eve", *HOSTILE_NAMES]:
        yield person(name, PASSWORD)
    for number in range(1000):
        yield person(f"user{number}", f"password {number}")


def groups() -> Iterator[str]:
    """Ann is an admin and Bob a user in groups of each kind, as the hostile names are; 50 groups hold a thousand."""
    ann, users = person_dn("ann"), [person_dn(name) for name in ["bob", *HOSTILE_NAMES]]
    yield group("admins", [ann])
    yield group("users", users)
    yield group("admins-posix", ["ann"], kind="posixGroup")
    yield group("users-posix", ["bob"], kind="posixGroup")
    for number in range(50):
        members = [person_dn(f"user{each}") for each in range(number * 20, number * 20 + 20)]
        yield group(f"team{number}", members, kind="groupOfNames")
    teams = [f"cn=team{number},{GROUPS}" for number in range(50)]
    yield group("division", teams[:25], kind="groupOfNames")
    yield group("company", [f"cn=division,{GROUPS}", f"cn=circle,{GROUPS}"], kind="groupOfNames")
    yield group("circle", [f"cn=company,{GROUPS}"], kind="groupOfNames")


def groups_that_members_name() -> Iterator[str]:
    """Added while slapd runs, since it then keeps `memberOf` in the members."""
    yield group("admins-names", [person_dn("ann")], kind="groupOfNames")
    yield group("users-names", [person_dn("bob")], kind="groupOfNames")


@pytest.fixture(scope="session")
def slapd(certificate_authority: trustme.CA) -> Iterator[SlapdServer]:
    """Do not stop or change it."""
    server = SlapdServer(certificate_authority.issue_cert("localhost"), entries=[*people(), *groups()])
    with server:
        server.add([*groups_that_members_name()])
        yield server


Settings = Callable[..., DirectorySettings]


@pytest.fixture
def settings(slapd: SlapdServer, certificate_authority: trustme.CA) -> Settings:
    """Settings for that directory, of which a test says only what matters to it."""

    def changed(**changes: Any) -> DirectorySettings:
        return DirectorySettings.model_validate({**plain(slapd.uri, certificate_authority), **changes})

    return changed


def plain(uri: str, authority: trustme.CA) -> dict[str, Any]:
    return {
        "uris": (uri,),
        "start_tls": False,
        "verification": "required",
        "ca": authority.cert_pem.bytes().decode(),
        "bind_template": f"uid=%s,{PEOPLE}",
        "group_base": GROUPS,
        "group_filter": "(&(objectclass=groupOfUniqueNames)(uniquemember=%s))",
        "group_attribute": "dn",
        "admin_group": ADMINS,
        "user_group": USERS,
        "connect_timeout": 2,
        "read_timeout": 2,
    }
