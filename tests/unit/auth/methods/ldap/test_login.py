"""Who comes out of a log-in at the directory."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from flowship.auth.authenticator import Credentials, Forbidden, Identity, Outcome, Verified, Wrong
from flowship.auth.methods.ldap import login
from flowship.auth.methods.ldap.client import Directory, Entry
from flowship.auth.methods.ldap.settings import DirectorySettings, UserSearch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAIL = "ann@example.com"
DN = "uid=ann,ou=people,dc=example,dc=com"
SERVICE = "cn=mlflow,dc=example,dc=com"
ADMINS, USERS = "cn=admins,ou=groups,dc=example,dc=com", "cn=users,ou=groups,dc=example,dc=com"

SEARCH = UserSearch(bind_dn=SERVICE, bind_password="secret", base="ou=people", filter="(mail=%s)", name_attribute="uid")
SETTINGS = DirectorySettings(
    uris=("ldap://localhost",),
    start_tls=False,
    verification="none",
    search=SEARCH,
    group_base="ou=groups",
    group_filter="(member=%s)",
    group_attribute="dn",
    admin_group=ADMINS,
    user_group=USERS,
)
BOUND = SETTINGS.model_copy(update={"search": None, "bind_template": "uid=%s,ou=people,dc=example,dc=com"})


class Known:
    """A directory that finds ann by her mail, and calls her by her uid."""

    uri = "ldap://localhost"

    def __init__(self, group: str | None = USERS, settings: DirectorySettings = SETTINGS) -> None:
        self.settings = settings
        self._group = group

    @contextmanager
    def connected(self) -> Iterator[Known]:
        yield self

    def bind(self, dn: str, password: str) -> bool:
        return (dn, password) in {(SERVICE, "secret"), (DN, "right")}

    def search(self, base: str, search_filter: str, attributes: Sequence[str] = ()) -> list[Entry]:
        if base == "ou=groups":
            return [Entry(self._group, {})] if self._group else []
        return [Entry(DN, {name: ["Ann"] for name in attributes})] if search_filter == f"(mail={MAIL})" else []


def directory(group: str | None = USERS, settings: DirectorySettings = SETTINGS) -> Directory:
    return cast("Directory", Known(group, settings))


def verified(name: str, password: str = "right", group: str | None = USERS) -> Outcome:
    return login.verify(directory(group), Credentials(name, password))


def login_of(outcome: Outcome) -> str:
    assert isinstance(outcome, Verified)
    return outcome.identity.login


def test_who_is_found_by_a_mail_is_asked_about_by_it_later() -> None:
    """A token is made under the name of the log-in: by the uid, the directory would find nobody."""
    first = verified(MAIL)
    assert first == Verified(Identity("ann", is_admin=False))
    assert login_of(first) == MAIL

    again = login.still_admitted(directory(), SEARCH, login_of(first))

    assert again == first
    assert login_of(again) == MAIL
    assert login.still_admitted(directory(), SEARCH, "ann") == Wrong()


def test_who_needs_no_search_is_asked_about_by_the_name() -> None:
    found = login.verify(directory(settings=BOUND), Credentials("ann", "right"))

    assert (found, login_of(found)) == (Verified(Identity("ann", is_admin=False)), "ann")


def test_the_groups_say_what_a_user_may_be() -> None:
    for group, outcome in (
        (ADMINS, Verified(Identity("ann", is_admin=True))),
        (None, Forbidden(login.IN_NO_GROUP)),
        ("cn=others,ou=groups,dc=example,dc=com", Forbidden(login.IN_NO_GROUP)),
    ):
        assert verified(MAIL, group=group) == outcome
        assert login.still_admitted(directory(group), SEARCH, MAIL) == outcome


def test_without_the_password_nothing_is_told() -> None:
    for name, password in ((MAIL, "wrong"), (MAIL, ""), (MAIL, "right\0"), ("ann", "right")):
        assert verified(name, password, group=None) == Wrong()
