"""What may not be combined in `auth` and `ldapAuth`, and what MLflow or HTTP would not take there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowship.values.access import BASIC_AUTHORIZATION
from flowship.values.conditions import All, Given, Matches, Not, Some, several
from flowship.values.rule import Rule, required
from flowship.values.store_rules import server

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("auth.enabled", "ldapAuth.enabled")
_BASIC, _LDAP = map(Given, METHODS)


def access() -> Iterator[Rule]:
    """One way of logging in, complete."""
    yield Rule(
        METHODS,
        several(METHODS),
        "only one of these may be true, because users come from one place. Set the other to false.",
    )
    yield from _basic()
    yield from _admin()
    yield from _shared_database()
    yield from _ldap()


def _basic() -> Iterator[Rule]:
    secret = "auth.existingAdminSecret.name"  # noqa: S105 - a key, not a secret
    or_secret, unless = f", or name a Secret in {secret}", Given(secret)
    yield required("auth", "adminUsername", f"the admin's name{or_secret}", unless)
    yield required("auth", "adminPassword", f"the admin's password, at least 12 characters{or_secret}", unless)
    yield required("auth", "appName", "`basic-auth`, or the name of your own MLflow app")
    yield required("auth", "authorizationFunction", f"`{BASIC_AUTHORIZATION}`, or your own function")
    yield required("auth", "configPath", "a directory such as `/etc/mlflow/auth/`")
    yield required("auth", "configFile", "a file name such as `basic_auth.ini`")
    yield required("auth", "sqliteFile", "a file name such as `basic_auth.db`", Given("auth.postgres.enabled"))
    yield Rule(
        ("auth.configPath",),
        All(Given("auth.configPath"), Not(Matches("auth.configPath", "^/"))),
        "is not an absolute path. Write one that begins with `/`.",
    )
    yield Rule(
        ("auth.configFile",),
        Matches("auth.configFile", r"/|^\.\.?\z"),
        "is more than a file name. Write the name here, and its directory in auth.configPath.",
    )
    yield Rule(
        ("auth.sqliteFile",),
        All(Given("auth.sqliteFile"), Matches("auth.sqliteFile", r"(^|/)(\.{0,2}\z|\.\./)")),
        "does not name a file. Write a file name, and its directory in auth.sqliteFullPath.",
    )


def _admin() -> Iterator[Rule]:
    name, password = "auth.adminUsername", "auth.adminPassword"
    yield Rule(
        (password,),
        All(_BASIC, Given(password), Not(Matches(password, r"(?s)^.{12}"))),
        "is shorter than 12 characters, which MLflow refuses. Write a longer one.",
    )
    yield Rule(
        (password,),
        All(_BASIC, Matches(password, r"^password1234\z")),
        "is the one that old versions of MLflow came with, which MLflow refuses. Write another one.",
    )
    yield Rule(
        (password,),
        All(_BASIC, Matches(password, r"(?s)^.{1000}.")),
        "is longer than 1000 characters, more than clients can send. Write a shorter one.",
    )
    yield Rule(
        (name,),
        All(_BASIC, Matches(name, r"(?s):|[\x00-\x1f]|^.{256}")),
        "holds `:` or a control character, or is longer than 255 characters, which a login by HTTP cannot carry. "
        "Write another name.",
    )


def _shared_database() -> Iterator[Rule]:
    yield Rule(
        ("auth.postgres.enabled", *METHODS),
        All(Given("auth.postgres.enabled"), Not(Some(_BASIC, _LDAP))),
        "the first would do nothing, because neither of the others is true. Set one of them to true, or the first to "
        "false.",
    )
    yield Rule(
        ("auth.sqliteFullPath", "auth.postgres.enabled"),
        All(Given("auth.sqliteFullPath"), Given("auth.postgres.enabled")),
        "the first would do nothing, because users and permissions are kept in PostgreSQL. Empty it, or set the second "
        "to false.",
    )
    yield from server("auth.postgres", "auth.postgres.existingSecret.name")


def _ldap() -> Iterator[Rule]:
    yield required("ldapAuth", "uri", "the directory's URI, such as `ldaps://ldap.example.com`")
    yield required("ldapAuth", "lookupBind", "the DN to bind as, such as `uid=%s,ou=people,dc=example,dc=com`")
    yield required("ldapAuth", "groupAttribute", "the attribute that names a group, such as `dn`")
    yield required("ldapAuth", "searchBaseDistinguishedName", "the DN under which groups are searched")
    yield required("ldapAuth", "searchFilter", "the filter that finds a user's groups, such as `(uniquemember=%s)`")
    uri = "ldapAuth.uri"
    yield Rule(
        (uri,),
        All(Given(uri), Not(Matches(uri, r"^ldaps?://[^ \t\r\n/]"))),
        "is not the URI of a directory. Write `ldap://` or `ldaps://` and a host name.",
    )
    for key, stands in {"lookupBind": "user's name", "searchFilter": "user's DN"}.items():
        name = f"ldapAuth.{key}"
        yield Rule(
            (name,),
            All(_LDAP, Given(name), Not(Matches(name, r"^[^%]*%s[^%]*\z"))),
            f"does not hold `%s` once, and no other `%`. Write `%s` where the {stands} goes.",
        )
    groups = ("ldapAuth.userGroupDistinguishedName", "ldapAuth.adminGroupDistinguishedName")
    yield Rule(
        groups,
        All(_LDAP, Not(Some(*map(Given, groups)))),
        "both are empty, so nobody could log in. Write the DN of at least one group.",
    )
    certificates = ("ldapAuth.encodedTrustedCACertificate", "ldapAuth.externalSecretForTrustedCACertificate")
    yield Rule(
        certificates,
        several(certificates),
        "only one of these may be given, because only one would be used. Keep one, and empty the other.",
    )
