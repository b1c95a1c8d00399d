"""People sign in at a real provider, `oidc-provider`, and work in MLflow by their session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from flowship.auth.methods.oidc.check import checks
from flowship.auth.methods.oidc.provider.settings import provider_settings
from flowship.auth.pages.sign_in_pages import AT_PROVIDER
from flowship.auth.workloads.look_up import NO_ENTRY, NO_USER
from flowship.server.http.rights.gate_in_front import READ_ONLY
from flowship.values.model.root import Values
from tests.effects import shows
from tests.integration import flowship
from tests.integration.servers.oidc import OidcServer
from tests.integration.servers.process import free_port
from tests.integration.single_sign_on import ADMIN, ME, USERS, Served, who
from tests.unit.auth.methods.oidc.fake_provider import OTHER_KEY, signed
from tests.unit.auth.workloads.tokens import AUDIENCE, GITHUB, JWKS, lasting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.flowship import Running

EXPERIMENTS = "/api/2.0/mlflow/experiments/create"

TRUSTED = {"issuer": GITHUB["iss"], "audience": AUDIENCE, "jwks": json.loads(JWKS)}


class Site(Served):
    """A server, its provider, and its database of users."""

    def __init__(self, server: Running, provider: OidcServer) -> None:
        super().__init__(server)
        self.provider = provider


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with OidcServer([f"{address}/callback"], logouts=[f"{address}/login?out=1"]) as provider:
        provider.keep(
            ada={"email": "Ada@Example.com", "email_verified": True, "groups": ["mlflow", "vision"]},
            grace={"email": "grace@example.com", "groups": ["mlflow-admin"]},
            eve={"email": "eve@example.com", "groups": ["another"]},
        )
        values = {
            "auth": {"enabled": True, "adminUsername": ADMIN[0], "adminPassword": ADMIN[1], "cacheTtlSeconds": 0},
            "server": {"auditLog": True},
            "oidcAuth": provider.values(
                cacheTtlSeconds=0,
                recheckSeconds=60,
                roles={"vision": "readers"},
                redirectUri=f"{address}/callback",
                workloads=[
                    {**TRUSTED, "claims": {"repository": "team/project"}, "user": "ci"},
                    {**TRUSTED, "claims": {"repository": "team/report"}, "user": "ci", "readOnly": True},
                    {**TRUSTED, "claims": {"repository": "team/nobody"}, "user": "nobody"},
                ],
            ),
        }
        data: Path = tmp_path_factory.mktemp("sso") / "data"
        with flowship.running(values, data=data, port=port) as server:
            yield Site(server, provider)


@shows("oidcAuth.enabled", "oidcAuth.discoveryUrl", "oidcAuth.clientId", "oidcAuth.clientSecret")
@shows("oidcAuth.groupName", "oidcAuth.groupsAttribute", "oidcAuth.usernameClaim", "oidcAuth.scope")
@shows("oidcAuth.redirectUri")
def test_a_browser_signs_in_at_the_provider_and_comes_back_to_where_it_was(site: Site) -> None:
    browser = site.browser()
    asked = browser.go("/?page=experiments")
    assert browser.visited[-1].endswith("/login?next=/%3Fpage%3Dexperiments")
    assert "/login/oidc?next=/%3Fpage%3Dexperiments" in asked.text

    browser.go("/login/oidc?next=/%3Fpage%3Dexperiments", login="ada")

    assert browser.visited[-1] == f"{site.server.address}/?page=experiments"
    assert who(browser) == (200, "ada@example.com", False)
    assert {cookie.name for cookie in browser.cookies if cookie.domain == "127.0.0.1"} >= {"flowship_session"}
    assert not [cookie.name for cookie in browser.cookies if cookie.name.startswith("flowship_log_in")]


@shows("oidcAuth.adminGroupName")
def test_groups_say_who_is_an_admin_and_who_may_not_come_in(site: Site) -> None:
    assert who(site.signed_in("grace")) == (200, "grace@example.com", True)

    browser = site.browser()
    refused = browser.go("/login/oidc", login="eve")
    assert refused.status_code == 403
    assert "you are in none of the groups that may use this server" in refused.text
    assert who(browser)[0] == 401
    assert site.admin("GET", f"{USERS}/get?username=eve@example.com").status_code == 404


def test_the_admin_of_the_values_goes_on_with_the_password(site: Site) -> None:
    assert site.admin("GET", ME).status_code == 200


@shows("oidcAuth.roles")
def test_roles_of_mlflows_are_in_step_with_groups(site: Site) -> None:
    site.make_role("readers")
    browser = site.signed_in("ada")
    assert site.roles("ada@example.com") == ["readers"]

    site.provider.keep(ada={"groups": ["mlflow"]})
    site.long_ago()
    assert who(browser)[0] == 200
    assert site.roles("ada@example.com") == []
    site.provider.keep(ada={"groups": ["mlflow", "vision"]})


@shows("oidcAuth.recheckSeconds", "oidcAuth.cacheTtlSeconds")
def test_who_leaves_the_groups_is_let_in_no_more_and_comes_back_by_signing_in(site: Site) -> None:
    site.provider.keep(tom={"email": "tom@example.com", "groups": ["mlflow"]})
    browser, other = site.signed_in("tom"), site.signed_in("tom")
    site.provider.keep(tom={"groups": []})
    assert who(browser)[0] == 200, "it is not asked again yet"

    site.long_ago()
    assert who(browser)[0] == 403
    assert who(other)[0] == 403
    assert "in none of the groups" in who(browser)[1]
    site.provider.keep(tom={"groups": ["mlflow"]})
    assert who(site.signed_in("tom"))[0] == 200


def test_who_is_removed_at_the_provider_must_sign_in_again_and_cannot(site: Site) -> None:
    site.provider.keep(max={"email": "max@example.com", "groups": ["mlflow"]})
    browser = site.signed_in("max")
    site.provider.remove("max")
    site.long_ago()

    assert who(browser)[0] == 401
    assert browser.go("/").url.endswith("/login")


def test_many_requests_at_once_ask_the_provider_once(site: Site) -> None:
    """Its refresh tokens are good for one use: a second one would end the log-in."""
    from concurrent.futures import ThreadPoolExecutor

    browser = site.signed_in("ada")
    site.long_ago()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: who(browser)[0], range(24)))
    assert found == [200] * 24
    site.long_ago()
    assert who(browser)[0] == 200


def test_log_out_ends_the_session_here_and_at_the_provider(site: Site) -> None:
    browser = site.signed_in("ada")
    answer = browser.post(
        f"{site.server.address}/logout", headers={"Sec-Fetch-Site": "same-origin"}, allow_redirects=False, timeout=60
    )

    assert answer.status_code == 200
    where = answer.headers["refresh"].removeprefix("0; url=")
    asked = parse_qs(urlsplit(where).query)
    assert where.startswith(f"{site.provider.issuer}/session/end?")
    assert asked["post_logout_redirect_uri"] == [f"{site.server.address}/login?out=1"]
    assert set(asked) == {"client_id", "post_logout_redirect_uri", "id_token_hint"}
    assert browser.get(where, timeout=60).status_code == 200, "the provider knows the address, and asks the user"
    assert who(browser)[0] == 401
    (line,) = [json.loads(line) for line in site.server.log().splitlines() if '"audit": "log-out"' in line]
    assert (line["user"], line["by"], line["outcome"]) == ("ada@example.com", AT_PROVIDER, "done")


@shows("oidcAuth.providerDisplayName")
def test_the_login_page_has_both_ways(site: Site) -> None:
    page = site.browser().go("/login").text

    assert ">Login with OIDC</a>" in page
    assert 'name="password"' in page


def test_check_live_finds_the_provider_and_whether_it_knows_this_client(site: Site) -> None:
    def found(**more: str) -> list[tuple[bool, str]]:
        values = Values.model_validate({"oidcAuth": site.provider.values(**more)})
        return [(check.works, check.sentence) for check in checks(provider_settings(values))]

    assert [works for works, _ in found()] == [True, True, True]
    wrong = found(clientSecret="another one")
    assert [works for works, _ in wrong] == [True, True, False]
    assert "does not know this client (invalid_client)" in wrong[2][1]


# Attacks


def with_query(url: str, **changed: str) -> str:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} | changed
    return f"{url.partition('?')[0]}?{urlencode({name: value for name, value in asked.items() if value})}"


def test_a_state_that_was_made_up_is_refused(site: Site) -> None:
    browser = site.browser()
    back = browser.steps("/login/oidc", login="ada")

    for forged in ("made-up", "", "x" * 5000):
        assert browser.go(with_query(back, state=forged)).status_code == 403
    assert who(browser)[0] == 401


def test_an_answer_is_taken_once(site: Site) -> None:
    browser = site.browser()
    back = browser.steps("/login/oidc", login="ada")
    kept = browser.cookies.copy()
    assert browser.go(back).status_code == 200

    again = site.browser()
    again.cookies.update(kept)
    refused = again.go(back)
    assert refused.status_code == 403
    assert "has been finished before" in refused.text
    assert who(again)[0] == 401


def test_an_answer_is_of_no_use_in_another_browser(site: Site) -> None:
    """Else somebody could be signed in as another without knowing, or bring a code that was stolen."""
    stolen = site.browser().steps("/login/oidc", login="grace")
    victim = site.browser()

    assert victim.go(stolen).status_code == 403
    assert who(victim)[0] == 401


def test_a_code_of_another_log_in_is_refused(site: Site) -> None:
    first, second = site.browser(), site.browser()
    code = parse_qs(urlsplit(first.steps("/login/oidc", login="grace")).query)["code"][0]
    back = second.steps("/login/oidc", login="ada")

    assert second.go(with_query(back, code=code)).status_code == 403
    assert who(second)[0] == 401


def test_an_answer_of_another_issuer_is_refused(site: Site) -> None:
    browser = site.browser()
    back = browser.steps("/login/oidc", login="ada")

    assert browser.go(with_query(back, iss="https://evil.example.com")).status_code == 403


def test_what_is_said_twice_is_refused(site: Site) -> None:
    browser = site.browser()
    back = browser.steps("/login/oidc", login="ada")

    assert browser.go(f"{back}&code=another").status_code == 403


@pytest.mark.parametrize(
    "next_page", ["https://evil.example.com/", "//evil.example.com", "/\\evil.example.com", "/login"]
)
def test_a_log_in_leads_to_no_other_host(site: Site, next_page: str) -> None:
    browser = site.browser()
    browser.go(f"/login/oidc?{urlencode({'next': next_page})}", login="ada")

    assert browser.visited[-1] == f"{site.server.address}/"


def test_who_is_called_like_another_user_now_stays_who_it_was(site: Site) -> None:
    site.provider.keep(mallory={"email": "mallory@example.com", "groups": ["mlflow"]})
    assert who(site.signed_in("mallory"))[1] == "mallory@example.com"
    site.provider.keep(mallory={"email": "grace@example.com"})

    assert who(site.signed_in("mallory")) == (200, "mallory@example.com", False)


@shows("oidcAuth.adoptExistingUsers")
def test_a_newcomer_gets_nobody_elses_name(site: Site) -> None:
    assert who(site.signed_in("grace"))[0] == 200
    made = site.admin("POST", f"{USERS}/create", json={"username": "local", "password": "a password of her own"})
    assert made.status_code == 200, made.text
    for name, email in (("one", "GRACE@example.com"), ("two", "local"), ("three", ADMIN[0])):
        site.provider.keep(**{name: {"email": email, "groups": ["mlflow-admin"]}})
        browser = site.browser()
        refused = browser.go("/login/oidc", login=name)
        assert refused.status_code == 403
        assert "Your name here is already another user" in refused.text
        assert who(browser)[0] == 401


def test_a_name_of_the_providers_is_nobodys_who_has_a_password(site: Site) -> None:
    assert who(site.signed_in("ada"))[0] == 200
    mine = "a password of my own"
    changed = site.admin("PATCH", f"{USERS}/update-password", json={"username": "ada@example.com", "password": mine})
    assert changed.status_code == 200, changed.text

    answer = requests.get(f"{site.server.address}{ME}", auth=("ada@example.com", mine), timeout=60)
    assert answer.status_code == 401


def test_a_token_in_an_address_lets_nobody_in(site: Site) -> None:
    for name in ("access_token", "id_token", "token", "code"):
        answer = requests.get(f"{site.server.address}{ME}?{name}=x", timeout=60)
        assert answer.status_code == 401


def test_nothing_secret_is_in_the_log_or_in_the_database(site: Site) -> None:
    browser = site.browser()
    back = parse_qs(urlsplit(browser.steps("/login/oidc", login="ada")).query)
    browser.go("/login/oidc", login="ada")
    log = site.server.log()

    assert back["code"][0] not in log
    assert back["state"][0] not in log
    assert "a client's secret" not in log
    session = browser.cookies["flowship_session"]
    assert session not in log
    kept = b"".join(file.read_bytes() for file in site.server.data.glob("basic_auth.db*"))  # the newest are in its log
    assert b"ada@example.com" in kept
    assert session.encode() not in kept


@shows("oidcAuth.graceSeconds")
def test_users_go_on_for_a_time_while_the_provider_is_away(site: Site) -> None:
    browser = site.signed_in("ada")
    site.provider.stop()
    try:
        site.write("UPDATE flowship_provider_accounts SET checked_at = checked_at - 500")
        assert who(browser)[0] == 200
        site.write("UPDATE flowship_provider_accounts SET checked_at = checked_at - 500, asking_until = 0")
        assert who(browser)[0] == 503
    finally:
        site.provider.start()


@shows("oidcAuth.workloads")
def test_jobs_of_a_trusted_issuer_come_in_without_a_secret(site: Site) -> None:
    site.admin("POST", f"{USERS}/create", json={"username": "ci", "password": "a password of nobody"})

    def job(repository: str, method: str = "GET", key: Any = None, **how: Any) -> tuple[int, str]:
        token = signed(lasting({**GITHUB, "repository": repository}), *([key] if key else []))
        login = {"headers": {"Authorization": f"Bearer {token}"}} if not how else {"auth": (how["name"], token)}
        path, body = (ME, None) if method == "GET" else (EXPERIMENTS, {"name": f"of {repository}"})
        answer = requests.request(method, f"{site.server.address}{path}", json=body, timeout=60, **login)
        return answer.status_code, answer.text

    for how in ({}, {"name": "ci"}):
        status, told = job("team/project", **how)
        assert status == 200, told
        assert json.loads(told).get("user", json.loads(told))["username"] == "ci"
    assert job("team/project", "POST")[0] == 200
    assert job("team/report")[0] == 200
    assert job("team/report", "POST") == (403, READ_ONLY)
    assert job("team/nobody") == (403, NO_USER)
    assert job("evil/project") == (403, NO_ENTRY)
    assert job("team/project", key=OTHER_KEY)[0] == 401
    assert job("team/project", name="admin")[0] == 401
    assert "there is no user 'nobody', as oidcAuth.workloads[2].user has it" in site.server.log()
