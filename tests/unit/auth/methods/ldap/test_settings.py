from __future__ import annotations

import base64
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from flowship.auth.methods.ldap.settings import DirectorySettings, directory_settings, require_ldap
from flowship.errors import MissingExtraError, ValuesError
from flowship.values.model.root import Values

CA = trustme.CA()
PEM = CA.cert_pem.bytes()
ENCODED = base64.b64encode(PEM).decode()


def settings(environ: dict[str, str] | None = None, **ldap: Any) -> DirectorySettings:
    values = {"ldapAuth": {"enabled": True, "uri": "ldap://a:1/dc=x ldaps://b", "lookupBind": "uid=%s", **ldap}}
    return directory_settings(Values.model_validate(values), environ or {})


def test_the_values_say_what_the_directory_is_asked() -> None:
    found = settings(
        searchBaseDistinguishedName="ou=groups",
        adminGroupDistinguishedName="cn=a",
        userGroupDistinguishedName="cn=u",
        nestedGroups=True,
        tlsVerification="none",
        connectTimeoutSeconds=1,
        readTimeoutSeconds=2,
        cacheTtlSeconds=3,
        graceSeconds=4,
    )

    assert found.uris == ("ldap://a:1/dc=x", "ldaps://b")
    assert (found.bind_template, found.search) == ("uid=%s", None)
    assert (found.group_base, found.admin_group, found.user_group, found.nested) == ("ou=groups", "cn=a", "cn=u", True)
    assert found.verification == "none"
    assert (found.connect_timeout, found.read_timeout, found.grace) == (1, 2, 4)


def test_they_cross_to_the_servers_process_as_json() -> None:
    search = {"enabled": True, "bindDistinguishedName": "cn=s", "bindPassword": "séc", "baseDistinguishedName": "dc=x"}
    found = settings(encodedTrustedCACertificate=ENCODED, lookupBind="", userSearch=search)

    assert DirectorySettings.model_validate_json(found.model_dump_json()) == found
    assert found.search is not None
    assert found.search.bind_password == "séc"
    assert "séc" not in repr(found)


@pytest.mark.parametrize(
    ("ldap", "encrypted"),
    [
        ({}, False),
        ({"encodedTrustedCACertificate": ENCODED}, True),
        ({"encodedTrustedCACertificate": ENCODED, "startTLS": False}, False),
        ({"startTLS": True}, True),
        ({"startTLS": True, "uri": "ldaps://a"}, False),
        ({"encodedTrustedCACertificate": ENCODED, "uri": "LDAPS://a"}, False),
    ],
)
def test_connections_are_encrypted_as_soon_as_a_certificate_is_given(ldap: dict[str, Any], encrypted: bool) -> None:
    assert settings(**ldap).start_tls is encrypted


@pytest.mark.parametrize("certificate", [PEM, ssl.PEM_cert_to_DER_cert(PEM.decode()), PEM + PEM])
def test_a_certificate_is_taken_in_pem_and_in_der(certificate: bytes) -> None:
    encoded = base64.encodebytes(certificate).decode()

    assert settings(encodedTrustedCACertificate=encoded).ca.startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize(
    ("encoded", "refusal"),
    [
        ("???", "is not Base64. Write what `base64 -w0 ca.crt` prints."),
        (PEM.decode(), "is not Base64. Write what `base64 -w0 ca.crt` prints."),
        ("aGVsbG8=", "is not a certificate. Write that of the CA, in PEM."),
        ("LS0tLS1CRUdJTg==", "is not a certificate. Write that of the CA, in PEM."),
        ("LS0tLS1CRUdJTv8=", "is not a certificate. Write that of the CA, in PEM."),
    ],
)
def test_what_is_no_certificate_is_refused(encoded: str, refusal: str) -> None:
    with pytest.raises(ValuesError) as error:
        settings(encodedTrustedCACertificate=encoded)

    assert error.value.findings == (f"ldapAuth.encodedTrustedCACertificate: {refusal}",)


def test_a_certificate_in_a_secret_is_read_from_the_file_that_the_chart_mounts(tmp_path: Path) -> None:
    file = tmp_path / "ca.crt"
    file.write_bytes(PEM)

    found = settings({"LDAP_CA": str(file)}, externalSecretForTrustedCACertificate="ca")

    assert found.ca == PEM.decode()


def test_a_file_that_is_not_there_is_told_by_its_name() -> None:
    with pytest.raises(ValuesError, match=r"variable LDAP_CA: the file '/nowhere' cannot be read \(No such file"):
        settings({"LDAP_CA": "/nowhere"}, externalSecretForTrustedCACertificate="ca")


def test_the_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(MissingExtraError, match=r"ldapAuth needs .* pip install .* 'ldap3<3,>=2.9.1'"):
        require_ldap()


def test_a_stray_variable_is_not_read() -> None:
    assert settings({"LDAP_CA": "/nowhere"}).ca == ""
