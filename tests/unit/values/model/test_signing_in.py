from __future__ import annotations

from typing import Any

import pytest

from flowship.values.model.root import Values
from flowship.values.model.signing_in import Admin, Method, admin, method

AUTH = {"enabled": True, "adminUsername": "ann", "adminPassword": "correct horse battery"}


@pytest.mark.parametrize(
    ("data", "chosen", "has_admin"),
    [
        ({}, "none", False),
        ({"auth": {**AUTH, "enabled": False}}, "none", False),
        ({"auth": AUTH}, "basic", True),
        ({"auth": {**AUTH, "authorizationFunction": "mine:authenticate"}}, "function", True),
        ({"auth": {**AUTH, "appName": "my-app"}}, "app", True),
        ({"auth": {**AUTH, "appName": "my-app", "authorizationFunction": "mine:authenticate"}}, "app", True),
        ({"oidcAuth": {"enabled": True}}, "oidc", False),
        ({"oidcAuth": {"enabled": True}, "auth": AUTH}, "oidc", True),
        ({"oidcAuth": {"enabled": True}, "ldapAuth": {"enabled": True}}, "oidc", False),
        ({"ldapAuth": {"enabled": True}, "auth": {**AUTH, "enabled": False}}, "ldap", False),
    ],
)
def test_the_values_choose_one_method_and_perhaps_an_admin(
    data: dict[str, Any], chosen: Method, has_admin: bool
) -> None:
    values = Values.model_validate(data)

    assert method(values) == chosen
    assert admin(values) == (Admin("ann", "correct horse battery") if has_admin else None)


def test_the_admins_password_is_not_shown() -> None:
    assert "horse" not in repr(admin(Values.model_validate({"auth": AUTH})))
