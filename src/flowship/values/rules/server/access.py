"""What may not be combined in `auth` and `ldapAuth`, and what MLflow or HTTP would not take there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.model.server.access import BASIC_APP, BASIC_AUTHORIZATION
from flowship.values.rules.language.conditions import any_given, given, matches, several
from flowship.values.rules.language.rule import Rule, required, unused
from flowship.values.rules.storage.stores import server

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORDS = ("auth.enabled", "ldapAuth.enabled")
SWITCHES = (*PASSWORDS, "oidcAuth.enabled")
SIGNED_IN = any_given(*SWITCHES)
"""Whoever reaches the server must say who they are."""
_BASIC, _LDAP = map(given, PASSWORDS)
SEARCH = "ldapAuth.userSearch"


def access() -> Iterator[Rule]:
    """One way of logging in, complete."""
    yield Rule(
        PASSWORDS,
        several(PASSWORDS),
        "only one of these may be true, because users come from one place. Set the other to false. Chart 0.16.5 used "
        "the first.",
    )
    yield from _basic()
    yield from _admin()
    yield from _shared_database()
    yield from _ldap()
    yield from _assistant()


def _basic() -> Iterator[Rule]:
    secret = "auth.existingAdminSecret.name"  # noqa: S105 - a key, not a secret
    or_secret, unless = f", or name a Secret in {secret}", given(secret)
    yield required("auth", "adminUsername", f"the admin's name{or_secret}", unless)
    yield required("auth", "adminPassword", f"the admin's password, at least 12 characters{or_secret}", unless)
    yield required("auth", "appName", "`basic-auth`, or the name of your own MLflow app")
    yield required("auth", "authorizationFunction", f"`{BASIC_AUTHORIZATION}`, or your own function")
    yield required("auth", "configPath", "a directory such as `/etc/mlflow/auth/`")
    yield required("auth", "sqliteFile", "a file name such as `basic_auth.db`", given("auth.postgres.enabled"))


def _admin() -> Iterator[Rule]:
    name, password = "auth.adminUsername", "auth.adminPassword"
    yield Rule(
        (password,),
        _BASIC & given(password) & ~matches(password, r"(?s)^.{12}"),
        "is shorter than 12 characters, which MLflow refuses. Write a longer one.",
    )
    yield Rule(
        (password,),
        _BASIC & matches(password, r"^password1234\z"),
        "is the one that old versions of MLflow came with, which MLflow refuses. Write another one.",
    )
    yield Rule(
        (password,),
        _BASIC & matches(password, r"(?s)^.{1000}."),
        "is longer than 1000 characters, more than clients can send. Write a shorter one.",
    )
    yield Rule(
        (name,),
        _BASIC & matches(name, r"(?s):|[\x00-\x1f]|^.{256}"),
        "holds `:` or a control character, or is longer than 255 characters, which a login by HTTP cannot carry. "
        "Write another name.",
    )


def _shared_database() -> Iterator[Rule]:
    yield Rule(
        ("auth.postgres.enabled", *SWITCHES),
        given("auth.postgres.enabled") & ~SIGNED_IN,
        "the first would do nothing, because none of the others is true. Set one of them to true, or the first to "
        "false.",
    )
    yield Rule(
        ("auth.sqliteFullPath", "auth.postgres.enabled"),
        given("auth.sqliteFullPath", "auth.postgres.enabled"),
        "the first would do nothing, because users and permissions are kept in PostgreSQL. Empty it, or set the second "
        "to false.",
    )
    yield from server("auth.postgres", "auth.postgres.existingSecret.name")


def _assistant() -> Iterator[Rule]:
    enabled = "assistant.enabled"
    yield Rule(
        (enabled, *SWITCHES),
        given(enabled) & ~SIGNED_IN,
        "the first needs one of the others, because the assistant's model may run commands as the server, so it is for "
        "admins only. Enable auth, ldapAuth or oidcAuth, or set the first to false.",
    )
    for key, own in (("auth.appName", BASIC_APP), ("auth.authorizationFunction", BASIC_AUTHORIZATION)):
        yield Rule(
            (enabled, key),
            given(enabled) & _BASIC & given(key) & ~matches(key, rf"^{own}\z"),
            f"the first needs `{own}` in the second, because only there it is known who is an admin. Set the first to "
            "false.",
        )


def _ldap() -> Iterator[Rule]:
    search = given(f"{SEARCH}.enabled")
    yield required("ldapAuth", "uri", "the directory's URI, such as `ldaps://ldap.example.com`")
    yield required(
        "ldapAuth",
        "lookupBind",
        f"the DN to bind as, such as `uid=%s,ou=people,dc=example,dc=com`, or enable {SEARCH}",
        search,
    )
    yield required("ldapAuth", "groupAttribute", "the attribute that names a group, such as `dn`")
    yield required("ldapAuth", "searchBaseDistinguishedName", "the DN under which groups are searched")
    yield required("ldapAuth", "searchFilter", "the filter that finds a user's groups, such as `(uniquemember=%s)`")
    for key, wanted in {
        "ldapAuth.lookupBind": "`%s` where the user's name goes",
        f"{SEARCH}.filter": "`%s` where the user's name goes",
        "ldapAuth.searchFilter": "`%s` where the user's DN goes, or `%u` for the user's name",
    }.items():
        place = "%[su]" if key.endswith("searchFilter") else "%s"
        yield Rule(
            (key,),
            _LDAP & given(key) & ~matches(key, rf"^([^%]*{place})+[^%]*\z"),
            f"does not hold `%s`, or holds another `%`. Write {wanted}.",
        )
    groups = ("ldapAuth.userGroupDistinguishedName", "ldapAuth.adminGroupDistinguishedName")
    yield Rule(
        groups,
        _LDAP & ~any_given(*groups),
        "both are empty, so nobody could log in. Write the DN of at least one group.",
    )
    nested = ("ldapAuth.nestedGroups", "ldapAuth.groupAttribute")
    yield Rule(
        nested,
        given(*nested) & ~matches(nested[1], r"^[dD][nN]\z"),
        "the first needs `dn` in the second, because the groups of a group are searched as a user's are. Write `dn` "
        "and a filter that finds groups, or false.",
    )
    filtered = ("ldapAuth.nestedGroups", "ldapAuth.searchFilter")
    yield Rule(
        filtered,
        _LDAP & given(*filtered) & ~matches(filtered[1], "%s"),
        "the first needs `%s` in the second, because groups are members by their DN. Write a filter with `%s`, or "
        "false.",
    )
    yield from _ldap_tls()
    yield from _user_search()


def _ldap_tls() -> Iterator[Rule]:
    certificates = ("ldapAuth.encodedTrustedCACertificate", "ldapAuth.externalSecretForTrustedCACertificate")
    yield Rule(
        certificates,
        several(certificates),
        "only one of these may be given, because only one would be used. Keep one, and empty the other. Chart 0.16.5 "
        "used the second.",
    )
    start_tls = "ldapAuth.startTLS"
    yield Rule(
        (start_tls, "ldapAuth.uri"),
        given(start_tls, "ldapAuth.uri") & ~matches("ldapAuth.uri", r"(^| )ldap://"),
        "the first would do nothing, because connections to `ldaps://` are encrypted already. Empty it.",
    )


def _user_search() -> Iterator[Rule]:
    name, secret = f"{SEARCH}.bindDistinguishedName", f"{SEARCH}.existingSecret.name"
    yield unused(f"{SEARCH}.enabled", "ldapAuth")
    for key in (name, f"{SEARCH}.baseDistinguishedName"):
        yield unused(key, SEARCH)
    yield required(SEARCH, "bindDistinguishedName", "the DN of the service account")
    yield required(
        SEARCH,
        "bindPassword",
        f"the service account's password, or name a Secret in {secret}",
        given(secret),
    )
    yield required(SEARCH, "baseDistinguishedName", "the DN under which users are searched")
    yield required(SEARCH, "filter", "the filter that finds a user, such as `(sAMAccountName=%s)`")
    yield required(SEARCH, "nameAttribute", "the attribute that holds a user's name, such as `sAMAccountName`")
    yield Rule(
        ("ldapAuth.lookupBind", f"{SEARCH}.enabled"),
        given("ldapAuth.lookupBind", f"{SEARCH}.enabled"),
        "only one of these may be given, because a user's entry is either searched or named. Empty the first, or set "
        "the second to false.",
    )
