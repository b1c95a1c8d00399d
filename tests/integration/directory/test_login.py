"""Log-ins against a real OpenLDAP: who comes in as what, and who does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flowship.auth.authenticator import Credentials, Forbidden, Identity, Outcome, Verified, Wrong
from flowship.auth.methods.ldap import login
from flowship.auth.methods.ldap.client import Directory
from flowship.auth.methods.ldap.errors import DirectoryDownError, DirectorySetupError
from flowship.auth.methods.ldap.login import IN_NO_GROUP
from flowship.auth.methods.ldap.settings import DirectorySettings, UserSearch
from tests.effects import shows
from tests.integration.directory.conftest import HOSTILE_NAMES, PASSWORD
from tests.integration.servers.slapd import GROUPS, PEOPLE, SERVICE, SUFFIX, SlapdServer

Settings = Callable[..., DirectorySettings]

BIND, SEARCH = "BIND dn=", "SRCH base="

ADMIN = Verified(Identity("ann", is_admin=True))
USER = Verified(Identity("bob", is_admin=False))


def log_in(settings: DirectorySettings, name: str, password: str = PASSWORD) -> Outcome:
    return login.verify(Directory(settings), Credentials(name, password))


def test_admins_users_and_others_are_told_apart(settings: Settings) -> None:
    found = [log_in(settings(), name) for name in ("ann", "bob", "eve")]

    assert found == [ADMIN, USER, Forbidden(IN_NO_GROUP)]


@pytest.mark.parametrize("password", ["", "wrong", f"{PASSWORD} ", "*", "\0", f"{PASSWORD}\0", "x" * 10_000])
def test_another_password_is_wrong_whatever_the_groups(settings: Settings, password: str) -> None:
    assert [log_in(settings(), name, password) for name in ("ann", "eve", "nobody")] == [Wrong()] * 3


@shows("ldapAuth.groupAttribute")
@pytest.mark.parametrize(
    ("admins", "users", "changes"),
    [
        ("admins", "users", {}),
        ("admins-names", "users-names", {"group_filter": "(&(objectclass=groupOfNames)(member=%s))"}),
        ("admins-posix", "users-posix", {"group_filter": "(&(objectclass=posixGroup)(memberUid=%u))"}),
        (
            "admins-names",
            "users-names",
            {"group_filter": "(entryDN=%s)", "group_base": PEOPLE, "group_attribute": "memberOf"},
        ),
        ("admins", "users", {"group_filter": "(|(uniqueMember=%s)(member=%s)(memberUid=%u))"}),
    ],
    ids=["groupOfUniqueNames", "groupOfNames", "posixGroup", "memberOf", "any"],
)
def test_groups_of_every_kind_are_found(settings: Settings, admins: str, users: str, changes: dict[str, Any]) -> None:
    named = settings(
        admin_group=f"CN={admins.upper()}, OU=Groups,{SUFFIX}", user_group=f"2.5.4.3={users},{GROUPS}", **changes
    )

    assert [log_in(named, name) for name in ("ann", "bob", "eve")] == [ADMIN, USER, Forbidden(IN_NO_GROUP)]


def test_entries_without_the_attribute_are_no_group(settings: Settings) -> None:
    odd = settings(group_filter="(objectClass=*)", group_base=SUFFIX, group_attribute="mail")

    assert log_in(odd, "ann") == Forbidden(IN_NO_GROUP)


@shows("ldapAuth.nestedGroups")
@pytest.mark.parametrize(
    ("nested", "group", "comes_in"),
    [
        (False, "team3", True),
        (False, "division", False),
        (True, "division", True),
        (True, "company", True),
        (True, "users", False),
    ],
)
def test_groups_in_groups_count_where_they_are_asked_for(
    settings: Settings, nested: bool, group: str, comes_in: bool
) -> None:
    named = settings(nested=nested, group_filter="(member=%s)", user_group=f"cn={group},{GROUPS}", admin_group="")

    outcome = log_in(named, "user61", "password 61")

    assert isinstance(outcome, Verified if comes_in else Forbidden)


def test_a_thousand_users_in_fifty_groups_have_each_their_own(settings: Settings) -> None:
    named = settings(group_filter="(member=%s)", user_group=f"cn=team7,{GROUPS}", admin_group=f"cn=team49,{GROUPS}")
    inside = {140: False, 159: False, 980: True, 999: True}

    found = {n: log_in(named, f"user{n}", f"password {n}") for n in (*inside, 0, 139, 160)}

    assert {n: outcome.identity.is_admin for n, outcome in found.items() if isinstance(outcome, Verified)} == inside


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("searched", [False, True])
def test_a_hostile_name_is_a_name(settings: Settings, slapd: SlapdServer, name: str, searched: bool) -> None:
    changes = {"search": search(slapd)} if searched else {}

    assert log_in(settings(**changes), name) == Verified(Identity(name, is_admin=False))
    assert log_in(settings(**changes), name, "wrong") == Wrong()


@pytest.mark.parametrize(
    "name", ["an*", "ann)(objectClass=*", "ann,ou=people", "ann+cn=ann", "\\61nn", "(ann)", "a\0nn"]
)
@pytest.mark.parametrize("searched", [False, True])
def test_nobody_comes_in_by_a_name_that_means_something_else(
    settings: Settings, slapd: SlapdServer, name: str, searched: bool
) -> None:
    changes = {"search": search(slapd)} if searched else {}

    assert log_in(settings(**changes), name) == Wrong()


def search(slapd: SlapdServer, **changes: str) -> UserSearch:
    return UserSearch.model_validate(
        {
            "bind_dn": SERVICE,
            "bind_password": slapd.service_password,
            "base": SUFFIX,
            "filter": "(&(objectClass=inetOrgPerson)(uid=%s))",
            "name_attribute": "uid",
            **changes,
        }
    )


class TestSearchThenBind:
    def test_users_are_found_by_a_service_account(self, settings: Settings, slapd: SlapdServer) -> None:
        found = [log_in(settings(search=search(slapd)), name) for name in ("ann", "bob", "eve")]

        assert found == [ADMIN, USER, Forbidden(IN_NO_GROUP)]

    @shows("ldapAuth.userSearch.nameAttribute")
    def test_the_name_in_mlflow_is_the_directorys(self, settings: Settings, slapd: SlapdServer) -> None:
        by_any = search(slapd, filter="(|(uid=%s)(cn=%s)(sn=%s))", name_attribute="sn")

        assert log_in(settings(search=by_any), "ann") == ADMIN

    @pytest.mark.parametrize("password", ["wrong", ""])
    def test_the_password_counts(self, settings: Settings, slapd: SlapdServer, password: str) -> None:
        assert log_in(settings(search=search(slapd)), "ann", password) == Wrong()
        assert log_in(settings(search=search(slapd)), "nobody", password or "x") == Wrong()

    def test_a_name_that_several_have_is_nobodys(
        self, settings: Settings, slapd: SlapdServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert log_in(settings(search=search(slapd, filter="(|(uid=%s)(uid=bob))")), "ann") == Wrong()
        assert "2 entries are called 'ann'; make ldapAuth.userSearch.filter find one" in caplog.text

    def test_a_service_account_that_is_refused_is_an_outage(self, settings: Settings, slapd: SlapdServer) -> None:
        with pytest.raises(DirectoryDownError, match=r"does not let the service account cn=service,.* in; correct"):
            log_in(settings(search=search(slapd, bind_password="wrong")), "ann")

    def test_an_entry_without_a_name_is_told(self, settings: Settings, slapd: SlapdServer) -> None:
        with pytest.raises(DirectorySetupError, match="uid=ann,ou=people,dc=mlflow,dc=test has no usable mail"):
            log_in(settings(search=search(slapd, name_attribute="mail")), "ann")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"group_base": f"ou=nowhere,{SUFFIX}"}, "answers a search below ou=nowhere,.* with 'noSuchObject"),
        ({"group_base": "nonsense"}, "answers a search below nonsense with 'invalidDNSyntax"),
        ({"group_filter": "(member=%s"}, r"the filter \(member=uid.* is not one that LDAP knows"),
    ],
)
def test_values_that_the_directory_refuses_are_told(settings: Settings, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DirectorySetupError, match=sentence):
        log_in(settings(**changes), "ann")


def test_a_log_in_costs_one_bind_and_one_search(settings: Settings, slapd: SlapdServer) -> None:
    directory = Directory(settings())
    before = slapd.operations(BIND), slapd.operations(SEARCH)

    assert login.verify(directory, Credentials("ann", PASSWORD)) == ADMIN

    # A bind shows twice in the log, as it is asked for and as it is settled.
    assert (slapd.operations(BIND) - before[0], slapd.operations(SEARCH) - before[1]) == (2, 1)
