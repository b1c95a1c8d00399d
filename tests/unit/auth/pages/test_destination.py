from __future__ import annotations

import pytest

from flowship.auth.pages.destination import destination, login_address
from flowship.auth.pages.form import FormError, fields


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
        "https://evil.example", "http:evil.example", "javascript:alert(1)", "evil.example", "/\t/evil.example",
        "/\n/evil.example", " //evil.example", "/ /evil.example", "\x00//evil.example", "/%0d%0aSet-Cookie:a=b\r\n",
        "/é", "", "?x", "#x", "/login", "/login?next=/login", "/logout", "x" * 5_000, "/" + "x" * 5_000, "/a/../../b",
    ],
)  # fmt: skip
def test_nothing_leads_to_another_server_or_in_a_circle(wanted: str) -> None:
    assert destination(wanted, "") == "/"


@pytest.mark.parametrize("wanted", ["/%2F/evil.example", "/%5Cevil.example", "/%09/evil.example"])
def test_what_is_still_encoded_is_a_path_of_this_server(wanted: str) -> None:
    assert destination(wanted, "") == wanted


@pytest.mark.parametrize("sent", [b"next=%2F%2Fevil.example", b"next=%2F%5Cevil.example", b"next=%5C%5Cevil.example"])
def test_encoded_once_it_is_what_it_means(sent: bytes) -> None:
    assert destination(fields(sent)["next"], "") == "/"


def test_a_path_of_ones_own_is_kept() -> None:
    assert destination("/get-artifact?path=a%2Fb&run_id=1", "") == "/get-artifact?path=a%2Fb&run_id=1"
    assert destination("/", "") == "/"


def test_below_a_static_prefix_only_what_is_below_it() -> None:
    kept = "/ml/get-artifact?x=1"

    assert destination(kept, "/ml") == kept
    assert {destination(each, "/ml") for each in ("/", "/mlx/", "/other", "//ml/", "/ml/../x", "/ml/login")} == {"/ml/"}


def test_the_login_page_is_told_where_from() -> None:
    assert login_address("/ml", b"/ml/a%20b", b"c=d&e") == "/ml/login?next=/ml/a%2520b%3Fc%3Dd%26e"
    assert login_address("", b"/", b"") == "/login"
    assert login_address("", b"//evil.example", b"") == "/login"


@pytest.mark.parametrize("sent", [b"next=/&next=/a", b"\xff", b"a=%ff", b"&".join(b"%d=1" % n for n in range(30))])
def test_a_form_that_is_none_of_ours_is_refused(sent: bytes) -> None:
    with pytest.raises(FormError):
        fields(sent)
