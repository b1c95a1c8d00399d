"""Users of an LDAP directory whose certificate a private authority signed; the keys are those of the specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import trustme

from tests.integration.servers.slapd import base, group, person, person_dn

if TYPE_CHECKING:
    from tests.e2e.cluster import Namespace

PASSWORD = 'sésame, "open": % \\'
ENTRIES = [
    *base(),
    person("ann", PASSWORD),
    person("bob", PASSWORD),
    group("test-admin", [person_dn("ann")]),
    group("test-user", [person_dn("ann")]),
]
VALUES: dict[str, Any] = {
    "ldapAuth": {
        "enabled": True,
        "tlsVerification": "required",
        "lookupBind": "uid=%s,ou=people,dc=mlflow,dc=test",
        "groupAttribute": "dn",
        "searchBaseDistinguishedName": "ou=groups,dc=mlflow,dc=test",
        "searchFilter": "(&(objectclass=groupOfUniqueNames)(uniquemember=%s))",
        "adminGroupDistinguishedName": "cn=test-admin,ou=groups,dc=mlflow,dc=test",
        "userGroupDistinguishedName": "cn=test-user,ou=groups,dc=mlflow,dc=test",
        "externalSecretForTrustedCACertificate": "external-ca-certificate-secret",
    },
    "extraArgs": {"workers": 2},
}


@pytest.fixture(scope="module")
def directory(namespace: Namespace) -> Namespace:
    authority = trustme.CA()
    issued = authority.issue_cert("ldap")
    chain = "".join(blob.bytes().decode() for blob in issued.cert_chain_pems)
    key = issued.private_key_pem.bytes().decode()
    namespace.secret("ldap-tls", "kubernetes.io/tls", **{"tls.crt": chain, "tls.key": key})
    namespace.secret("external-ca-certificate-secret", **{"ca.crt": authority.cert_pem.bytes().decode()})
    namespace.secret("ldap-entries", **{"entries.ldif": "\n".join(ENTRIES)})
    namespace.secret("ann", username="ann", password=PASSWORD)
    namespace.apply("ldap.yaml")
    namespace.rolled_out("deployment/ldap")
    return namespace


@pytest.mark.parametrize("uri", ["ldaps://ldap:6360", "ldap://ldap:3890/dc=mlflow,dc=test"], ids=["ldaps", "StartTLS"])
def test_members_log_runs_and_others_do_not(directory: Namespace, uri: str) -> None:
    directory.upgrade({**VALUES, "ldapAuth": {**VALUES["ldapAuth"], "uri": uri}})
    step = "read" if "StartTLS" in uri or "3890" in uri else "write"

    assert "all of it" in directory.log(step, MLFLOW_TRACKING_USERNAME="ann", MLFLOW_TRACKING_PASSWORD=PASSWORD)
    with pytest.raises(Exception, match="403"):
        directory.log("read", MLFLOW_TRACKING_USERNAME="bob", MLFLOW_TRACKING_PASSWORD=PASSWORD)
    with pytest.raises(Exception, match="401"):
        directory.log("read", MLFLOW_TRACKING_USERNAME="ann", MLFLOW_TRACKING_PASSWORD="wrong")


def test_helm_test_without_a_users_login_checks_that_one_is_asked_for(directory: Namespace) -> None:
    assert "Succeeded" in directory.test()


def test_helm_test_with_a_users_login_logs_a_run(directory: Namespace) -> None:
    ldap = {**VALUES["ldapAuth"], "uri": "ldaps://ldap:6360"}
    directory.upgrade({**VALUES, "ldapAuth": ldap, "helmTest": {"existingSecret": {"name": "ann"}}})

    assert "Succeeded" in directory.test()
