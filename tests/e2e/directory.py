"""An OpenLDAP in the cluster, with a certificate of a private authority, and the values that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
SECTION: dict[str, Any] = {
    "enabled": True,
    "tlsVerification": "required",
    "lookupBind": "uid=%s,ou=people,dc=mlflow,dc=test",
    "groupAttribute": "dn",
    "searchBaseDistinguishedName": "ou=groups,dc=mlflow,dc=test",
    "searchFilter": "(&(objectclass=groupOfUniqueNames)(uniquemember=%s))",
    "adminGroupDistinguishedName": "cn=test-admin,ou=groups,dc=mlflow,dc=test",
    "userGroupDistinguishedName": "cn=test-user,ou=groups,dc=mlflow,dc=test",
    "externalSecretForTrustedCACertificate": "external-ca-certificate-secret",
}
"""`ldapAuth`, without `uri`; the keys are those of the specification."""


def start(namespace: Namespace) -> None:
    """Start it; ann is in both groups, bob in none."""
    authority = trustme.CA()
    issued = authority.issue_cert("ldap")
    chain = "".join(blob.bytes().decode() for blob in issued.cert_chain_pems)
    key = issued.private_key_pem.bytes().decode()
    namespace.secret("ldap-tls", "kubernetes.io/tls", **{"tls.crt": chain, "tls.key": key})
    namespace.secret("external-ca-certificate-secret", **{"ca.crt": authority.cert_pem.bytes().decode()})
    namespace.secret("ldap-entries", **{"entries.ldif": "\n".join(ENTRIES)})
    namespace.apply("ldap.yaml")
    namespace.rolled_out("deployment/ldap")
