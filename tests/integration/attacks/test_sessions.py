"""Sessions of browsers under attack: fixed, forged, sent by other sites' pages, copied, and used after their end."""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.integration.server.asking import basic
from tests.integration.signing_in import Browser, signed_in
from tests.integration.users import ADMIN, make_users

if TYPE_CHECKING:
    import requests

    from tests.integration.flowship import Running

CURRENT = "/ajax-api/2.0/mlflow/users/current"
API = "/ajax-api/2.0/mlflow"
PASSWORD = "a password of twelve"
WRONG = "The name or the password is wrong."


@pytest.fixture(scope="module")
def server(closed: Running) -> Running:
    make_users(closed, *((f"session-{name}", PASSWORD) for name in ("ann", "bob", "cat", "dan", "eve", "fay")))
    return closed


def problem(page: str) -> str:
    found = re.search(r'role="alert">([^<]*)<', page)
    return found[1] if found else ""


def test_a_browser_signs_in_and_a_program_is_asked_as_before(server: Running) -> None:
    browser = Browser(server.address)
    sent_away = browser.go("/get-artifact?run_id=1&path=a%20b")
    program = browser.send("GET", f"{API}/experiments/search?max_results=1", {})

    assert sent_away.status_code == 303
    assert sent_away.headers["Location"] == "/login?next=/get-artifact%3Frun_id%3D1%26path%3Da%2520b"
    assert (program.status_code, program.headers["WWW-Authenticate"]) == (401, 'Basic realm="mlflow"')

    back = browser.sign_in("session-ann", PASSWORD, "/get-artifact?run_id=1&path=a%20b")
    assert (back.status_code, back.headers["Location"]) == (303, "/get-artifact?run_id=1&path=a%20b")
    assert browser.go("/").status_code == 200
    assert browser.script("GET", CURRENT).json()["user"]["username"] == "session-ann"
    assert browser.script("GET", CURRENT).json()["is_basic_auth"] is True
    assert "session-ann" in browser.go("/login").text
    assert browser.send("GET", CURRENT, basic(*ADMIN)).json()["user"]["username"] == "admin"


def test_the_page_takes_no_script_and_no_frame(server: Running) -> None:
    page = Browser(server.address).go("/login")

    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert (page.headers["X-Frame-Options"], page.headers["Cache-Control"]) == ("DENY", "no-store")
    assert "<script" not in page.text


@pytest.mark.parametrize("wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"])
def test_no_log_in_leads_to_another_server(server: Running, wanted: str) -> None:
    browser = Browser(server.address)

    assert browser.sign_in("session-ann", PASSWORD, wanted).headers["Location"] == "/"
    assert "evil" not in browser.go("/login?next=%2F%2Fevil.example").text


def test_a_session_that_was_fixed_before_the_log_in_is_nobodys(server: Running) -> None:
    fixed = "f" * 43
    victim = Browser(server.address, {"flowship_session": fixed, "mlflow_user": "signed-in"})
    assert victim.sign_in("session-ann", PASSWORD).status_code == 303
    attacker = Browser(server.address, {"flowship_session": fixed, "mlflow_user": "signed-in"})

    assert victim.cookies["flowship_session"] != fixed
    assert attacker.script("GET", CURRENT).status_code == 401


def test_an_attackers_own_session_does_not_become_the_victims(server: Running) -> None:
    attacker = signed_in(server, "session-bob", PASSWORD)
    victim = Browser(server.address, dict(attacker.cookies))
    assert victim.sign_in("session-ann", PASSWORD).status_code == 303

    assert attacker.script("GET", CURRENT).status_code == 401
    assert victim.script("GET", CURRENT).json()["user"]["username"] == "session-ann"


CONTENT_TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_pages_of_others_change_nothing_with_a_cookie(server: Running, method: str) -> None:
    browser = signed_in(server, "session-ann", PASSWORD)
    path = f"{API}/experiments/create"
    port_beside = {"Origin": "http://localhost:1", "Sec-Fetch-Site": "same-site"}
    for content_type in CONTENT_TYPES:
        for said in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, port_beside, {"Sec-Fetch-Site": "none"}, {}):
            headers = {**said, "Content-Type": content_type}
            answer = browser.send(method, path, headers, data='{"name": "forged"}')
            assert (answer.status_code, "Cross-origin" in answer.text) == (403, True), headers
    assert browser.script("GET", CURRENT).status_code == 200


def test_gets_that_act_are_for_our_own_pages_too(server: Running) -> None:
    browser = signed_in(server, "session-ann", PASSWORD)
    for path in ("/ajax-api/3.0/mlflow/assistant/sessions/1/stream", f"{API}/gateway-proxy"):
        answer = browser.send("GET", path, {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"})
        assert (answer.status_code, "Cross-origin" in answer.text) == (403, True)
        assert "Cross-origin" not in browser.script("GET", path).text


def test_another_site_signs_nobody_in_or_out(server: Running) -> None:
    browser = signed_in(server, "session-ann", PASSWORD)
    foreign = {"Sec_Fetch_Site": "same-site", "Origin": "http://localhost:1"}

    login = browser.sign_in("session-bob", PASSWORD, **foreign)
    logout = browser.send("POST", "/logout", {"Origin": "http://localhost:1"})
    by_a_link = browser.send("GET", "/logout", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})

    assert (login.status_code, "another site" in problem(login.text)) == (403, True)
    assert (logout.status_code, by_a_link.status_code) == (403, 200)
    assert browser.script("GET", CURRENT).json()["user"]["username"] == "session-ann"


def test_a_log_out_ends_every_copy_of_the_cookie(server: Running) -> None:
    browser = signed_in(server, "session-ann", PASSWORD)
    copy = Browser(server.address, dict(browser.cookies))
    assert copy.script("GET", CURRENT).status_code == 200

    left = browser.go("/logout")

    assert (left.status_code, left.headers["Location"]) == (303, "/login?out=1")
    assert browser.cookies == {}
    assert copy.script("GET", CURRENT).status_code == 401


def test_mlflows_own_log_out_ends_the_session(server: Running) -> None:
    """It removes the cookie that it can see, and asks who it is with a name that nobody has."""
    browser = signed_in(server, "session-ann", PASSWORD)
    copy = Browser(server.address, dict(browser.cookies))
    del browser.cookies["mlflow_user"]

    answer = browser.script("GET", CURRENT)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="mlflow"')
    assert browser.cookies == {}
    assert copy.script("GET", CURRENT).status_code == 401


def test_a_changed_password_ends_the_users_sessions_and_no_others(server: Running) -> None:
    first, second = (signed_in(server, "session-cat", PASSWORD) for _ in range(2))
    other = signed_in(server, "session-ann", PASSWORD)
    body = {"username": "session-cat", "current_password": PASSWORD, "password": "another of twelve"}

    assert first.script("PATCH", f"{API}/users/update-password", body).status_code == 200
    assert [each.script("GET", CURRENT).status_code for each in (first, second, other)] == [401, 401, 200]
    assert first.go("/").headers["Location"] == "/login"


def test_a_deleted_user_has_no_session_and_a_new_one_of_the_name_gets_none(server: Running) -> None:
    browser = signed_in(server, "session-dan", PASSWORD)
    admin = signed_in(server, *ADMIN)

    assert admin.script("DELETE", f"{API}/users/delete", {"username": "session-dan"}).status_code == 200
    copy = Browser(server.address, dict(browser.cookies))
    assert browser.script("GET", CURRENT).status_code == 401
    make_users(server, ("session-dan", PASSWORD))
    assert copy.script("GET", CURRENT).status_code == 401


@pytest.mark.parametrize(
    "cookie",
    [
        "flowship_session=" + "x" * 60_000, "flowship_session=" + "x" * 200, "flowship_session=\xff\xfe; mlflow_user=1",
        "flowship_session='; DROP TABLE users; --; mlflow_user=1", "=;=;;;=", "flowship_session", ";" * 5_000,
        "flowship_session=%00; mlflow_user=1", "__Host-flowship_session=" + "x" * 43 + "; mlflow_user=1",
    ],
)  # fmt: skip
def test_cookies_that_are_none_of_ours_are_nobodys(server: Running, cookie: str) -> None:
    answer = Browser(server.address).send("GET", CURRENT, {"Cookie": cookie})

    assert answer.status_code in (401, 431)


def test_of_two_cookies_neither_counts(server: Running) -> None:
    ann, bob = (signed_in(server, f"session-{name}", PASSWORD).cookies["flowship_session"] for name in ("ann", "bob"))
    both = f"flowship_session={ann}; flowship_session={bob}; mlflow_user=1"

    assert Browser(server.address).send("GET", CURRENT, {"Cookie": both}).status_code == 401


def test_a_session_or_its_hash_is_nowhere_to_be_seen(server: Running) -> None:
    browser = signed_in(server, "session-ann", PASSWORD)
    session = browser.cookies["flowship_session"]
    browser.go(f"/?flowship_session={session}")
    in_address = Browser(server.address).send("GET", f"{CURRENT}?flowship_session={session}", {})
    with closing(sqlite3.connect(server.data / "basic_auth.db")) as users, users:
        kept = str(users.execute("SELECT * FROM flowship_sessions").fetchall())

    assert in_address.status_code == 401
    assert session not in kept
    assert "session-ann" in kept
    assert session not in server.log()
    assert session not in browser.script("GET", CURRENT).text
    assert PASSWORD not in server.log()


def test_the_form_is_no_way_around_the_limits_of_guessing(server: Running) -> None:
    browser = Browser(server.address)
    wrong = [browser.sign_in("session-eve", f"guess {number}") for number in range(5)]
    slowed = guessed_until_it_takes(browser, "session-eve", seconds=8)
    by_program = browser.send("GET", CURRENT, basic("session-eve", PASSWORD))

    assert [(each.status_code, problem(each.text)) for each in wrong] == [(401, WRONG)] * 5
    assert re.search(r"Try again in \d+ seconds?\.", problem(slowed.text))
    assert by_program.status_code == 429


def guessed_until_it_takes(browser: Browser, name: str, seconds: int) -> requests.Response:
    """Guess on, after each wait that is asked for, until one is so long that no slow machine is through with it."""
    for number in range(60):
        answer = browser.sign_in(name, f"another guess {number}")
        wait = int(answer.headers.get("Retry-After", 0)) if answer.status_code == 429 else 0
        if wait >= seconds:
            return answer
        time.sleep(wait)
    raise AssertionError(f"no guess of {name} had to wait for {seconds} s")


def test_what_was_typed_comes_back_as_text(server: Running) -> None:
    page = Browser(server.address).sign_in('"><script>alert(1)</script>', "x", '/"><script>')

    assert "<script" not in page.text
    assert Browser(server.address).sign_in("", "").status_code == 401


def test_a_form_of_another_kind_is_refused(server: Running) -> None:
    browser = Browser(server.address)
    own = {"Origin": browser.origin}

    assert browser.send("POST", "/login", own, json={"username": "x"}).status_code == 400
    assert browser.send("POST", "/login", own, data={"username": "x" * 20_000}).status_code == 400
    assert browser.send("PUT", "/login", own).status_code == 405
