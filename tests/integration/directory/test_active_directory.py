"""Log-ins against a real domain of Active Directory, as Samba has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme

from flowship.auth.authenticator import Credentials, Forbidden, Identity, Outcome, Verified, Wrong
from flowship.auth.methods.ldap import check as trial
from flowship.auth.methods.ldap import login
from flowship.auth.methods.ldap.client import Directory
from flowship.auth.methods.ldap.errors import DirectorySetupError
from flowship.auth.methods.ldap.settings import DirectorySettings
from tests.integration.servers.samba import ADMINISTRATOR, DOMAIN, SambaServer

PASSWORD = "Right-passw0rd é密"
IN_CHAIN = "1.2.840.113556.1.4.1941"
"""Active Directory's rule for members of members."""

USER = Verified(Identity("ann", is_admin=False))
ADMIN = Verified(Identity("bob.jones", is_admin=True))


@pytest.fixture(scope="module")
def samba(certificate_authority: trustme.CA) -> Iterator[SambaServer]:
    with SambaServer(certificate_authority) as server:
        server.add_user("Ann", PASSWORD)
        server.add_user("bob.jones", PASSWORD, "--given-name=Bob", "--surname=O'Jones (jr)")
        server.add_user("eve", PASSWORD)
        server.add_group("Data Science", ["Ann"])
        server.add_group("mlflow-users", ["Data Science"])
        server.add_group("mlflow-admins", ["bob.jones"])
        yield server


Settings = Callable[..., DirectorySettings]


@pytest.fixture
def settings(samba: SambaServer, certificate_authority: trustme.CA) -> Settings:
    def changed(**changes: Any) -> DirectorySettings:
        return DirectorySettings.model_validate(
            {
                "uris": (samba.tls_uri,),
                "start_tls": False,
                "verification": "required",
                "ca": certificate_authority.cert_pem.bytes().decode(),
                "search": {
                    "bind_dn": ADMINISTRATOR,
                    "bind_password": samba.password,
                    "base": DOMAIN,
                    "filter": "(|(sAMAccountName=%s)(userPrincipalName=%s))",
                    "name_attribute": "sAMAccountName",
                },
                "group_base": DOMAIN,  # where a domain answers with references to other servers too
                "group_filter": "(&(objectClass=group)(member=%s))",
                "group_attribute": "dn",
                "nested": True,
                "admin_group": f"cn=mlflow-admins,cn=users,{DOMAIN}",
                "user_group": f"cn=mlflow-users,cn=users,{DOMAIN}",
                "connect_timeout": 10,
                "read_timeout": 20,
                **changes,
            }
        )

    return changed


def log_in(settings: DirectorySettings, name: str, password: str = PASSWORD) -> Outcome:
    return login.verify(Directory(settings), Credentials(name, password))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"nested": False, "group_filter": f"(&(objectClass=group)(member:{IN_CHAIN}:=%s))"},
    ],
    ids=["nested", "in chain"],
)
def test_users_of_a_domain_log_in_by_either_name_and_by_groups_in_groups(
    settings: Settings, changes: dict[str, Any]
) -> None:
    found = [log_in(settings(**changes), name) for name in ("ann", "ann@mlflow.test", "bob.jones", "eve")]

    assert found[:3] == [USER, USER, ADMIN]
    assert isinstance(found[3], Forbidden)


def test_without_nested_groups_only_direct_members_come_in(settings: Settings) -> None:
    assert isinstance(log_in(settings(nested=False), "ann"), Forbidden)
    assert log_in(settings(nested=False), "bob.jones") == ADMIN


def test_groups_are_read_from_the_user_too(settings: Settings) -> None:
    by_user = settings(nested=False, group_filter="(distinguishedName=%s)", group_attribute="memberOf")

    assert log_in(by_user, "bob.jones") == ADMIN


@pytest.mark.parametrize("name", ["ann", "eve", "nobody", "a*", "ann)(objectClass=*", "MLFLOW\\ann", "cn=ann"])
@pytest.mark.parametrize("password", ["wrong", ""])
def test_nobody_comes_in_without_the_password(settings: Settings, name: str, password: str) -> None:
    assert log_in(settings(), name, password) == Wrong()


@pytest.mark.parametrize(
    ("template", "group_filter"),
    [
        ("%s@mlflow.test", "(sAMAccountName=%u)"),
        ("MLFLOW\\%s", "(sAMAccountName=%u)"),
        (f"cn=Bob O'Jones (jr),cn=users,{DOMAIN}", "(distinguishedName=%s)"),
    ],
    ids=["principal", "domain", "dn"],
)
def test_a_log_in_may_name_the_user_as_the_domain_does(settings: Settings, template: str, group_filter: str) -> None:
    changes = {"search": None, "nested": False, "bind_template": template, "group_attribute": "memberOf"}

    named = settings(group_filter=group_filter, **changes)

    assert log_in(named, "bob.jones") == ADMIN
    assert log_in(named, "bob.jones", "wrong") == Wrong()


def test_passwords_go_by_start_tls_and_never_unencrypted(settings: Settings, samba: SambaServer) -> None:
    assert log_in(settings(uris=(samba.uri,), start_tls=True), "ann") == USER
    with pytest.raises(DirectorySetupError, match="takes passwords over encrypted connections only; use ldaps://"):
        log_in(settings(uris=(samba.uri,)), "ann")


def test_check_tells_that_the_domain_works(settings: Settings, samba: SambaServer) -> None:
    environ = {"MLFLOW_TRACKING_USERNAME": "Ann", "MLFLOW_TRACKING_PASSWORD": PASSWORD}

    assert list(trial.checks(settings(), environ)) == [
        (True, f"{samba.tls_uri}: connected, its certificate is valid"),
        (True, f"{samba.tls_uri}: the service account may log in"),
        (True, "ldapAuth.adminGroupDistinguishedName: found"),
        (True, "ldapAuth.userGroupDistinguishedName: found"),
        (True, "MLFLOW_TRACKING_USERNAME: ann may log in as user"),
    ]
