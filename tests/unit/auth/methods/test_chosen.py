from __future__ import annotations

from typing import Any, get_args

import pytest

from flowship.auth.methods.chosen import SIGN_INS, AnySignIn, chosen
from flowship.server.plan.settings import ProcessSettings
from flowship.values.model.root import Values
from flowship.values.model.signing_in import Method

AUTH = {"enabled": True, "adminUsername": "ann", "adminPassword": "correct horse battery", "cacheTtlSeconds": 7}
LDAP = {"enabled": True, "uri": "ldap://a", "lookupBind": "uid=%s", "cacheTtlSeconds": 7}
OIDC = {"enabled": True, "discoveryUrl": "https://id.example.com/x", "clientId": "a", "cacheTtlSeconds": 7}
VALUES: dict[Method, dict[str, Any]] = {
    "none": {},
    "basic": {"auth": AUTH},
    "ldap": {"ldapAuth": LDAP},
    "oidc": {"oidcAuth": OIDC},
    "function": {"auth": {**AUTH, "authorizationFunction": "mine:authenticate"}},
    "app": {"auth": {**AUTH, "appName": "my-app"}},
}
METHODS = get_args(Method)


def of(method: Method) -> AnySignIn:
    return chosen(Values.model_validate(VALUES[method]), {})


def test_every_method_has_its_way_to_sign_in() -> None:
    assert tuple(SIGN_INS) == METHODS == tuple(VALUES)
    assert set(get_args(get_args(AnySignIn)[0])) == set(SIGN_INS.values())


@pytest.mark.parametrize("method", METHODS)
def test_the_servers_process_reads_it_back_from_json(method: Method) -> None:
    settings = ProcessSettings(host="a", port=1, sign_in=of(method))

    read = ProcessSettings.model_validate_json(settings.model_dump_json())

    assert read.sign_in == of(method)
    assert (read.sign_in.method, type(read.sign_in)) == (method, SIGN_INS[method])


@pytest.mark.parametrize(
    ("method", "app", "gated", "in_mlflows_app", "passwords_in_mlflow"),
    [
        ("none", None, False, False, False),
        ("basic", "basic-auth", True, True, True),
        ("ldap", "basic-auth", True, True, False),
        ("oidc", "basic-auth", True, True, False),
        ("function", "basic-auth", False, True, False),
        ("app", "my-app", False, False, False),
    ],
)
def test_what_follows_from_it(
    method: Method, app: str | None, gated: bool, in_mlflows_app: bool, passwords_in_mlflow: bool
) -> None:
    found = of(method)

    assert (found.app, found.gated) == (app, gated)
    assert (found.in_mlflows_app, found.passwords_in_mlflow) == (in_mlflows_app, passwords_in_mlflow)
    assert found.cache_ttl == (60 if method == "none" else 7)
    assert method in ("ldap", "oidc") or list(found.check({})) == []


@pytest.mark.parametrize(
    ("method", "more", "who"),
    [
        ("none", {}, "none, everybody who reaches the address may do everything"),
        ("basic", {}, "ann, password as in auth.adminPassword"),
        ("function", {}, "ann, password as in auth.adminPassword"),
        ("app", {}, "ann, password as in auth.adminPassword"),
        ("ldap", {}, "nobody, since ldapAuth.adminGroupDistinguishedName is empty"),
        ("ldap", {"ldapAuth": {**LDAP, "adminGroupDistinguishedName": "cn=admins"}}, "who is in cn=admins"),
        ("oidc", {}, "who is in mlflow-admin at the provider"),
        ("oidc", {"oidcAuth": {**OIDC, "adminGroupName": ["a", "b"]}}, "who is in a or b at the provider"),
        ("oidc", {"oidcAuth": {**OIDC, "adminGroupName": []}}, "nobody, since oidcAuth.adminGroupName is empty"),
        (
            "oidc",
            {"auth": AUTH},
            "who is in mlflow-admin at the provider; ann, password as in auth.adminPassword",
        ),
    ],
)
def test_a_person_is_told_who_may_do_everything(method: Method, more: dict[str, Any], who: str) -> None:
    values = Values.model_validate({**VALUES[method], **more})

    assert chosen(values, {}).admins(values) == who
