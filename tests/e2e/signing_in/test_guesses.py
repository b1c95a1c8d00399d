"""Ten thousand wrong tokens a minute: who has a right one, a session or a password is answered as before."""

from __future__ import annotations

import logging
import secrets
import statistics
import threading
import time
from typing import TYPE_CHECKING

from tests.integration.server.asking import ask, basic, connect
from tests.integration.signing_in import signed_in
from tests.integration.single_sign_on import ADMIN, ME

if TYPE_CHECKING:
    from http.client import HTTPConnection

    from tests.e2e.signing_in.conftest import KeycloakSite

A_MINUTE, SECONDS, GUESSERS = 10_000, 15, 4

_logger = logging.getLogger(__name__)


def guess(address: str, over: threading.Event, found: list[int]) -> None:
    """Send wrong tokens at this one's part of the pace."""
    connection = connect(address)
    began = time.monotonic()
    for number in range(A_MINUTE * SECONDS // 60 // GUESSERS):
        time.sleep(max(0.0, began + number * GUESSERS * 60 / A_MINUTE - time.monotonic()))
        if over.is_set():
            break
        wrong = {"Authorization": f"Bearer flowship_{secrets.token_urlsafe(32)}"}
        answer = ask(connection, ME, headers=wrong)
        found.append(answer.status)
        if answer.closes:
            connection.close()
    connection.close()


def times(connection: HTTPConnection, ways: dict[str, dict[str, str]], seconds: float) -> list[float]:
    """Ask by each of the ways in turn; how long each answer took."""
    took = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for way, headers in ways.items():
            began = time.monotonic()
            answer = ask(connection, ME, headers=headers)
            took.append(time.monotonic() - began)
            assert answer.status == 200, f"{way}: {answer.status} {answer.text}"
            if answer.closes:
                connection.close()
        time.sleep(0.1)
    return took


def test_wrong_tokens_at_this_pace_keep_nobody_out(keycloak_site: KeycloakSite) -> None:
    address = keycloak_site.server.address
    browser = signed_in(keycloak_site.server, *ADMIN)
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    ways = {"session": {"Cookie": cookies, "Sec-Fetch-Site": "same-origin"}, "password": basic(*ADMIN)}
    connection = connect(address)
    before = times(connection, ways, 5)
    found: list[int] = []
    over = threading.Event()
    guessing = [threading.Thread(target=guess, args=(address, over, found)) for _ in range(GUESSERS)]
    for thread in guessing:
        thread.start()
    try:
        meanwhile = times(connection, ways, SECONDS)
    finally:
        over.set()
        for thread in guessing:
            thread.join()
        connection.close()

    medians = tuple(round(statistics.median(each) * 1000, 1) for each in (before, meanwhile))
    _logger.info("%d guesses; an answer took %s ms, with them %s ms", len(found), *medians)
    assert len(found) > 100
    assert set(found) <= {401, 503}
    assert len(meanwhile) > 10
