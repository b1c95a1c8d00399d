from __future__ import annotations

import pytest

from flowship.auth.methods.ldap.names import bind_dn, canonical, filled


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ann", "ann"),
        ("Ann", "ann"),
        (" ann ", "ann"),
        ("ANN@Example.COM", "ann@example.com"),
        ("\uff41\uff4e\uff4e", "ann"),
        ("E\u0301va", "éva"),
        ("İpek", "i̇pek"),
        ("van der Berg", "van der berg"),
        ("*", "*"),
        (")(uid=*", ")(uid=*"),
    ],
)
def test_a_name_has_one_spelling(typed: str, name: str) -> None:
    assert canonical(typed) == name
    assert canonical(name) == name


@pytest.mark.parametrize(
    "typed", ["", " ", "\0", "a\0b", "a\nb", "a\tb", "a\u200bb", "a\u00adb", "a  b", "x" * 256, "\ufdfa" * 100]
)
def test_what_is_no_name_is_none(typed: str) -> None:
    assert canonical(typed) is None


@pytest.mark.parametrize(
    ("name", "dn"),
    [
        ("ann", "uid=ann,dc=x"),
        ("a,ou=b", "uid=a\\2cou\\3db,dc=x"),
        ('# "+<>;\\', "uid=\\23\\20\\22\\2b\\3c\\3e\\3b\\5c,dc=x"),
        ("é", "uid=\\c3\\a9,dc=x"),
        ("%s", "uid=\\25s,dc=x"),
        ("a.b-c_d@e", "uid=a.b-c_d@e,dc=x"),
    ],
)
def test_a_name_stays_one_value_in_a_dn(name: str, dn: str) -> None:
    assert bind_dn("uid=%s,dc=x", name) == dn


def test_what_is_no_dn_takes_a_name_as_it_is() -> None:
    assert bind_dn("%s@example.com", "o'neil, é") == "o'neil, é@example.com"


def test_a_name_and_a_dn_stay_values_in_a_filter() -> None:
    assert filled("(|(m=%s)(u=%u))", value="a)(b=*", name="%s\\2a") == "(|(m=a\\29\\28b\\3d\\2a)(u=\\25s\\5c2a))"


def test_a_dn_is_escaped_once_more_in_a_filter() -> None:
    assert filled("(m=%s)", value="uid=a\\2cb") == "(m=uid\\3da\\5c2cb)"
