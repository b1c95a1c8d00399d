"""A move tells by which values users may do more afterwards."""

from __future__ import annotations

from typing import get_args

import pytest

from flowship.moving.access import WIDER, widened
from flowship.values.model.root import Values
from flowship.values.model.server.access import Permission


def with_users(permission: str) -> Values:
    auth = {"enabled": True, "adminUsername": "admin", "adminPassword": "correct horse"}
    return Values.model_validate({"auth": {**auth, "defaultPermission": permission}})


def test_values_by_which_users_may_no_more_than_before_are_not_told() -> None:
    assert widened(with_users("READ"), with_users("READ")) is None
    assert widened(with_users("MANAGE"), with_users("NO_PERMISSIONS")) is None
    assert widened(Values(), with_users("MANAGE")) is None
    assert widened(Values(), Values()) is None


def test_a_wider_default_permission_is_told_with_what_keeps_it() -> None:
    assert widened(with_users("NO_PERMISSIONS"), with_users("READ")) == (
        "auth.defaultPermission: NO_PERMISSIONS in the old values, READ in the new ones, by which users may do more "
        "with what nobody gave them rights for. Write NO_PERMISSIONS, if it is to stay as it was, before a server "
        "starts with them."
    )
    assert set(WIDER) == set(get_args(Permission))


@pytest.mark.parametrize("old", [with_users("MANAGE"), Values.model_validate({"oidcAuth": {"enabled": True}})])
def test_values_that_let_everybody_do_everything_are_told(old: Values) -> None:
    assert (widened(old, Values()) or "").startswith(
        "auth.enabled: the old values have people sign in, the new ones let everybody do everything."
    )
