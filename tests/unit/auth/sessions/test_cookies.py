from __future__ import annotations

from typing import Any

import pytest

from flowship.auth.gateway import Gateway
from flowship.auth.sessions.claims import SessionClaims, credentials_of
from flowship.auth.sessions.cookies import LONGEST_HEADER, Cookies, Found

ID = "q" * 43


def request(*cookies: str, scheme: str = "http", path: str = "/") -> dict[str, Any]:
    return {"scheme": scheme, "path": path, "headers": [(b"cookie", each.encode("latin-1")) for each in cookies]}


def names(headers: list[tuple[bytes, bytes]]) -> list[str]:
    return [value.decode().partition("=")[0] for _, value in headers]


def test_a_session_is_read_beside_other_cookies_in_one_header_or_several() -> None:
    for sent in ([f"a=b; flowship_session={ID};mlflow_user=1"], ["a=b", f"flowship_session={ID}", "mlflow_user=1"]):
        assert Cookies().find(request(*sent)) == Found(ID, any=True, shown=True)


def test_what_is_not_there_is_not_found() -> None:
    for sent in ([], [""], ["a=b"], ["flowship_session"], ["xflowship_session=1"], ["FLOWSHIP_SESSION=1"]):
        assert Cookies().find(request(*sent)).any is False


@pytest.mark.parametrize("value", ["", "x" * 129, "\xe9\xff", "x" * 100_000])
def test_a_cookie_that_cannot_be_one_of_ours_is_no_session(value: str) -> None:
    assert Cookies().find(request(f"flowship_session={value}; mlflow_user=1")).id is None


def test_more_cookies_than_are_reasonable_are_not_read() -> None:
    assert Cookies().find(request(f"flowship_session={ID}", "x=" + "y" * LONGEST_HEADER)) == Found()


def test_of_two_cookies_of_the_name_neither_counts() -> None:
    """The second may come from a page of a host beside this one, which may set cookies for both."""
    found = Cookies().find(request(f"flowship_session={ID}; flowship_session={'r' * 43}; mlflow_user=1"))

    assert found == Found(None, any=True, shown=True)


def test_the_same_one_twice_counts() -> None:
    assert Cookies().find(request(f"flowship_session={ID}; flowship_session={ID}")).id == ID


def test_behind_https_only_a_cookie_counts_that_no_other_host_can_set() -> None:
    plain, host, secure = (f"{name}flowship_session={ID}" for name in ("", "__Host-", "__Secure-"))

    assert [Cookies().find(request(each, scheme="https")).id for each in (plain, host, secure)] == [None, ID, None]
    assert [Cookies("/ml").find(request(each, scheme="https")).id for each in (plain, host, secure)] == [None, None, ID]
    assert [Cookies().find(request(each)).id for each in (plain, host, secure)] == [ID, None, None]


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        (f"a=b;flowship_session={ID}", b"a=b"),
        (f"flowship_session={ID};mlflow_user=1 ;a=b", b"a=b"),
        (f"a=b;\tflowship_session ={ID} ;; c; mlflow_user", b"a=b; ; c"),
        (f"flowship_session={ID}", b""),
    ],
)
def test_what_is_found_goes_no_further_however_cookies_are_set_apart(sent: str, left: bytes) -> None:
    assert Cookies().find(request(sent)).id == ID
    assert Cookies().without(request(sent)) == left


def test_the_id_is_hidden_from_scripts_and_other_sites() -> None:
    (_, hidden), (_, shown) = Cookies().set(request(scheme="https"), ID, 60)

    expected = f"__Host-flowship_session={ID}; Path=/; Max-Age=60; SameSite=Lax; HttpOnly; Secure"
    assert hidden.decode() == expected
    assert shown.decode() == "mlflow_user=signed-in; Path=/; Max-Age=60; SameSite=Lax; Secure"


def test_it_goes_to_the_static_prefix_only() -> None:
    for headers in (Cookies("/ml").set(request(), ID, 60), Cookies("/ml").clear(request())):
        assert all(b"; Path=/ml; " in value for _, value in headers)
        assert names(headers) == ["flowship_session", "mlflow_user"]


def test_no_header_says_for_which_hosts_so_it_is_for_this_one() -> None:
    headers = [*Cookies().set(request(), ID, 60), *Cookies().clear(request(scheme="https"))]

    assert not any(b"domain" in value.lower() for _, value in headers)


class TestClaims:
    def test_the_cookie_goes_no_further_and_others_do(self) -> None:
        claim = SessionClaims(Cookies())(request(f"session=flask's; flowship_session={ID}; mlflow_user=1"))

        assert claim is not None
        assert (claim.credentials, claim.header, claim.left) == (credentials_of(ID), b"cookie", b"session=flask's")
        assert claim.ambient

    def test_without_the_cookie_that_pages_remove_nobody_has_it(self) -> None:
        """MLflow's own Log out cannot remove the one that it cannot see."""
        claim = SessionClaims(Cookies())(request(f"flowship_session={ID}"))

        assert claim is not None
        assert claim.credentials is None

    def test_on_the_gateways_paths_the_providers_key_goes_on(self) -> None:
        claims = SessionClaims(Cookies(), Gateway("/gateway/", b"x-own", None))
        sent = f"flowship_session={ID}; mlflow_user=1"

        found = [claims(request(sent, path=path)) for path in ("/gateway/chat", "/api")]

        assert [claim and claim.named_in for claim in found] == [b"x-own", b"authorization"]

    def test_a_request_without_a_session_makes_no_claim(self) -> None:
        assert SessionClaims(Cookies())(request("a=b")) is None
