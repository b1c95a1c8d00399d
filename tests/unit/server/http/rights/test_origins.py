"""Pages of other sites do nothing here, on any path."""

from __future__ import annotations

import asyncio

import pytest

from flowship.mlflow_seams.server.assistant import PATH as ASSISTANT
from flowship.mlflow_seams.server.origins import DEPLOYMENTS_PROXY
from flowship.server.http.rights.origins import Origins, foreign_page
from tests.unit.server.asgi import Answer, ask, hello

OWN, FOREIGN = "https://mlflow.example.com", "https://evil.example"


def is_foreign(origin: str) -> bool:
    return origin != OWN


def asked(path: str, method: str = "POST", prefix: str = "", **headers: str) -> Answer:
    sent = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return asyncio.run(ask(Origins(hello, is_foreign, prefix), path, method, headers=sent))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "post", "X"])
@pytest.mark.parametrize("path", ["/gateway/mlflow/v1/chat/completions", "/v1/traces", "/", "/api/2.0/mlflow/x"])
def test_a_foreign_page_changes_nothing_anywhere(path: str, method: str) -> None:
    assert [asked(path, method, origin=origin).status for origin in (FOREIGN, "null", "\xff")] == [403] * 3
    assert asked(path, method, origin=OWN).status == 200


def test_who_is_no_page_is_let_through() -> None:
    assert asked("/gateway/x").status == 200
    assert asked("/gateway/x", origin="").status == 200
    assert asked("/gateway/x", sec_fetch_site="same-origin").status == 200


def test_reading_is_left_to_the_browsers_own_rules() -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        assert asked("/gateway/mlflow/v1/models", method, origin=FOREIGN).status == 200


@pytest.mark.parametrize("prefix", ["", "/ml"])
@pytest.mark.parametrize("path", [f"{ASSISTANT}/sessions/1/stream", DEPLOYMENTS_PROXY])
def test_a_get_that_acts_counts_as_acting(path: str, prefix: str) -> None:
    where = f"{prefix}{path}"

    assert asked(where, "GET", prefix, origin=FOREIGN).status == 403
    assert asked(where, "GET", prefix, sec_fetch_site="cross-site").status == 403
    assert asked(where, "GET", prefix, sec_fetch_site="same-origin").status == 200
    assert asked(where, "GET", prefix).status == 200


def test_a_second_origin_hides_nothing() -> None:
    headers = [(b"Origin", OWN.encode()), (b"origin", b"https://evil.example")]

    assert foreign_page(headers, is_foreign) == FOREIGN


def test_the_refusal_and_the_log_name_the_key(caplog: pytest.LogCaptureFixture) -> None:
    answer = asked("/gateway/x", origin=f"https://{'a' * 300}.example")

    assert answer.body.decode() == (
        f"Cross-origin request blocked: a page of https://{'a' * 192} may not do this here. Whoever runs the server "
        "can allow its origin with corsAllowedOrigins."
    )
    assert "corsAllowedOrigins would allow it" in caplog.text
    assert len(caplog.text) < 400
