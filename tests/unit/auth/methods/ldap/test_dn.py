from __future__ import annotations

import pytest

from flowship.auth.methods.ldap.dn import parsed, same
from flowship.auth.methods.ldap.names import bind_dn

DN = "cn=test-admin,ou=groups,dc=mlflow,dc=test"


@pytest.mark.parametrize(
    "other",
    [
        "CN=Test-Admin,OU=Groups,DC=mlflow,DC=test",
        "cn = test-admin , ou=groups;dc=mlflow,dc=test",
        "2.5.4.3=test-admin,OID.2.5.4.11=groups,domainComponent=mlflow,0.9.2342.19200300.100.1.25=test",
        "commonName=test-admin,organizationalUnitName=groups,dc=mlflow,dc=test",
        "cn=test\\2dadmin,ou=\\67roups,dc=mlflow,dc=test",
        'cn="test-admin",ou=groups,dc=mlflow,dc=test',
    ],
)
def test_the_same_dn_is_written_in_many_ways(other: str) -> None:
    assert same(DN, other)


@pytest.mark.parametrize(
    "other",
    [
        "cn=test-admin,ou=groups,dc=mlflow",
        "ou=groups,cn=test-admin,dc=mlflow,dc=test",
        "cn=test-admin\\,ou=groups,dc=mlflow,dc=test",
        'cn="test-admin,ou=groups",dc=mlflow,dc=test',
        "cn=test admin,ou=groups,dc=mlflow,dc=test",
        "cn=test-admin+sn=x,ou=groups,dc=mlflow,dc=test",
        "",
    ],
)
def test_others_are_others(other: str) -> None:
    assert not same(DN, other)


def test_the_order_inside_a_part_does_not_count_and_spaces_inside_a_value_count_once() -> None:
    assert same("cn=A  b+sn=c,dc=x", "SN=c+cn=a b,dc=x")


@pytest.mark.parametrize("text", ["test-admin", "cn", "=x", "cn=x,", "cn=x,,dc=y", "cn=x\\", ",cn=x", 'cn="x'])
def test_what_is_no_dn_is_told_and_is_the_same_as_nothing(text: str) -> None:
    with pytest.raises(ValueError, match="distinguished name"):
        parsed(text)

    assert not same(text, text)


@pytest.mark.parametrize("name", ["a,b", "a+b", 'a"b', "a\\b", "a<b>", "a;b", "a=b", "#a", "é密🔑", "*)("])
def test_a_name_that_was_escaped_reads_back(name: str) -> None:
    assert parsed(bind_dn("uid=%s,dc=x", name)) == (frozenset({("uid", name)}), frozenset({("dc", "x")}))
