from __future__ import annotations

import pytest

from flowship.auth.sessions.own_page import from_own_page

LISTED = frozenset({"https://mlflow.example.com"})


def own(method: str = "POST", **headers: str) -> bool:
    given = {"host": "ml.example:5000", **{name.replace("_", "-"): value for name, value in headers.items()}}
    sent = [(name.encode(), value.encode("latin-1")) for name, value in given.items()]
    return from_own_page({"method": method, "headers": sent}, LISTED)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET", "X"])
@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN", "nonsense"])
@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://localhost:3000", "http://ml.example:5001"]
)
def test_no_other_page_by_any_method(method: str, site: str, origin: str) -> None:
    assert not own(method, sec_fetch_site=site, origin=origin)


@pytest.mark.parametrize(
    "origin", ["http://evil.example#ml.example:5000", "http://ml.example:5000.evil.example", "file://ml.example:5000",
               "http://ml.example:5000@evil.example", "http://[", "ml.example:5000", "\xff"]
)  # fmt: skip
def test_no_origin_that_only_looks_like_it(origin: str) -> None:
    assert not own(origin=origin)


def test_where_a_browser_says_so() -> None:
    assert own(sec_fetch_site="same-origin")
    assert own(sec_fetch_site="same-origin", origin="https://name.of.the.proxy")


def test_by_its_origin_over_plain_http() -> None:
    assert own(origin="http://ml.example:5000")
    assert own(origin="https://ML.example:5000")  # HTTPS ends in front of the server, at a proxy that nobody named


def test_by_its_referer_where_a_browser_sends_no_origin() -> None:
    assert own("GET", referer="http://ml.example:5000/some/page?x=1")
    assert not own("GET", referer="http://evil.example/ml.example:5000")
    assert not own(origin="http://evil.example", referer="http://ml.example:5000/")


def test_an_origin_that_the_values_list() -> None:
    assert own(origin="https://mlflow.example.com")
    assert own(sec_fetch_site="cross-site", origin="https://mlflow.example.com")


def test_an_address_that_was_typed_reads_and_does_not_post() -> None:
    assert own("GET", sec_fetch_site="none")
    assert not own("POST", sec_fetch_site="none")


def test_what_says_nothing_is_refused() -> None:
    assert not own()
    assert not own("GET")


def test_two_answers_to_one_question_count_as_the_worse() -> None:
    both = [(b"host", b"ml.example"), (b"origin", b"http://ml.example"), (b"Origin", b"http://evil.example")]
    hosts = [(b"host", b"ml.example"), (b"host", b"evil.example"), (b"origin", b"http://evil.example")]
    sites = [(b"host", b"ml.example"), (b"sec-fetch-site", b"same-origin"), (b"sec-fetch-site", b"cross-site")]

    assert not any(from_own_page({"method": "POST", "headers": each}) for each in (both, hosts, sites))
