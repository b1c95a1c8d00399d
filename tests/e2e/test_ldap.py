"""Users of an LDAP directory whose certificate a private authority signed; the keys are those of the specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.directory import PASSWORD, SECTION, start

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace

VALUES: dict[str, Any] = {"ldapAuth": SECTION, "extraArgs": {"workers": 2}}


@pytest.fixture(scope="module")
def directory(namespace: Namespace) -> Namespace:
    namespace.secret("ann", username="ann", password=PASSWORD)
    start(namespace)
    return namespace


@pytest.mark.parametrize("uri", ["ldaps://ldap:6360", "ldap://ldap:3890/dc=mlflow,dc=test"], ids=["ldaps", "StartTLS"])
def test_members_log_runs_and_others_do_not(directory: Namespace, uri: str) -> None:
    directory.upgrade({**VALUES, "ldapAuth": {**SECTION, "uri": uri}})
    step = "read" if "StartTLS" in uri or "3890" in uri else "write"

    assert "all of it" in directory.log(step, MLFLOW_TRACKING_USERNAME="ann", MLFLOW_TRACKING_PASSWORD=PASSWORD)
    with pytest.raises(Exception, match="403"):
        directory.log("read", MLFLOW_TRACKING_USERNAME="bob", MLFLOW_TRACKING_PASSWORD=PASSWORD)
    with pytest.raises(Exception, match="401"):
        directory.log("read", MLFLOW_TRACKING_USERNAME="ann", MLFLOW_TRACKING_PASSWORD="wrong")


def test_helm_test_without_a_users_login_checks_that_one_is_asked_for(directory: Namespace) -> None:
    assert "Succeeded" in directory.test()


def test_helm_test_with_a_users_login_logs_a_run(directory: Namespace) -> None:
    ldap = {**SECTION, "uri": "ldaps://ldap:6360"}
    directory.upgrade({**VALUES, "ldapAuth": ldap, "helmTest": {"existingSecret": {"name": "ann"}}})

    assert "Succeeded" in directory.test()
