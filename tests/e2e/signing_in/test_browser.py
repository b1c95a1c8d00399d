"""People in a real browser: they sign in by each method, work in MLflow's pages, change their password and log out."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from tests.e2e.signing_in.keycloak import PASSWORD as AT_KEYCLOAK
from tests.integration import flowship
from tests.integration.servers.oidc import OidcServer
from tests.integration.servers.process import free_port
from tests.integration.servers.slapd import GROUPS, PEOPLE, SlapdServer, group, person, person_dn
from tests.integration.single_sign_on import ADMIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.signing_in.chromium import Chromium, Page
    from tests.e2e.signing_in.conftest import KeycloakSite

ANN = ("ann", "sésame, ouvre-toi 🔑")
HOME = "Recent Experiments"
MENU = '[aria-label^="Account menu"]'


def picture(page: Page, name: str) -> None:
    """Keep what is to be seen, where somebody wants to look at it."""
    if folder := os.environ.get("E2E_PICTURES"):
        page.picture(Path(folder) / f"{name}.png")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a directory and a provider beside it; its address."""
    entries = [person(*ANN), person("eve", "eve's"), group("users", [person_dn("ann")])]
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with SlapdServer(entries=entries) as slapd, OidcServer([f"{address}/login/oidc/callback"]) as provider:
        provider.keep(joan={"email": "joan@example.com", "email_verified": True, "groups": ["mlflow"]})
        ldap = {
            "enabled": True,
            "uri": slapd.uri,
            "lookupBind": f"uid=%s,{PEOPLE}",
            "searchBaseDistinguishedName": GROUPS,
            "userGroupDistinguishedName": f"cn=users,{GROUPS}",
            "adminGroupDistinguishedName": f"cn=admins,{GROUPS}",
        }
        values = {"ldapAuth": ldap, "oidcAuth": provider.values()}
        data = tmp_path_factory.mktemp("directory") / "data"
        with flowship.running(values, data=data, port=port) as server:
            yield server.address


def sign_in(page: Page, address: str, name: str, password: str) -> None:
    page.go(f"{address}/")
    page.until_at(f"{address}/login")
    page.type("#username", name)
    page.press("Tab")
    page.type("#password", password)
    page.press("Enter")


def test_by_password_after_a_wrong_one_which_is_told(keycloak_site: KeycloakSite, chromium: Chromium) -> None:
    address = keycloak_site.server.address
    with chromium.person() as page:
        sign_in(page, address, ADMIN[0], "a wrong one")
        page.until_text("The name or the password is wrong.")
        assert [each.role for each in page.read_out() if "wrong" in each.name or each.role == "alert"]
        assert page.focused() == "textbox Password"
        picture(page, "wrong-password")

        page.type("#password", ADMIN[1])
        page.press("Enter")
        page.until_text(HOME)
        assert page.address == f"{address}/#/" or page.address == f"{address}/"
        session = page.cookies()["flowship_session"]
        assert (session["httpOnly"], session["sameSite"]) == (True, "Lax")
        assert "flowship_session" not in page.evaluate("document.cookie")


def test_mlflows_pages_search_by_the_session(keycloak_site: KeycloakSite, chromium: Chromium) -> None:
    experiment = experiment_with_runs(keycloak_site, "first", "second")
    with chromium.person() as page:
        sign_in(page, keycloak_site.server.address, *ADMIN)
        page.until_text(HOME)
        page.go(f"{keycloak_site.server.address}/#/experiments/{experiment}/runs")
        page.until_text("run-first", "run-second")

        page.type("[data-testid=search-box]", 'params.which = "first"')
        page.press("Escape")  # what it suggests
        page.press("Enter")
        page.until("!document.body.innerText.includes('run-second')", "the other run is not shown any more")
        page.until_text("run-first", "1 matching run")
        picture(page, "search")


def experiment_with_runs(site: KeycloakSite, *names: str) -> str:
    def made(path: str, **content: object) -> dict[str, dict[str, dict[str, str]]]:
        answer = site.admin("POST", f"/api/2.0/mlflow/{path}", json=content)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    experiment = str(made("experiments/create", name=f"looked at {time.time()}")["experiment_id"])
    for name in names:
        run = made("runs/create", experiment_id=experiment, run_name=f"run-{name}")["run"]["info"]["run_id"]
        made("runs/log-parameter", run_id=run, key="which", value=name)
    return experiment


def test_log_out_is_in_mlflows_menu_and_ends_the_session(keycloak_site: KeycloakSite, chromium: Chromium) -> None:
    address = keycloak_site.server.address
    with chromium.person() as page:
        sign_in(page, address, *ADMIN)
        page.until_text(HOME)
        session = page.cookies()["flowship_session"]["value"]
        page.click(MENU)
        picture(page, "menu")
        page.click_text("Logout")

        page.until_at(f"{address}/login")
        assert "flowship_session" not in page.cookies()
        assert not is_somebody(address, session)
        page.go(f"{address}/")
        page.until_at(f"{address}/login")


def is_somebody(address: str, session: str) -> bool:
    """Whether a copy of the cookie is still taken."""
    cookies = {"flowship_session": session, "mlflow_user": "1"}
    url = f"{address}/ajax-api/2.0/mlflow/users/current"
    answer = requests.get(url, cookies=cookies, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)
    return answer.status_code == 200


def test_a_password_is_changed_on_mlflows_page(keycloak_site: KeycloakSite, chromium: Chromium) -> None:
    address, old, new = keycloak_site.server.address, "a password of twelve", "another one of twelve"
    made = keycloak_site.admin("POST", "/api/2.0/mlflow/users/create", json={"username": "cat", "password": old})
    assert made.status_code == 200, made.text
    with chromium.person() as page:
        sign_in(page, address, "cat", old)
        page.until_text(HOME)
        page.click(MENU)
        page.click_text("Account")
        page.click_text("Change password")
        page.type('[placeholder="Enter current password"]', old)
        page.type('[placeholder="Enter new password"]', new)
        page.type('[placeholder="Confirm new password"]', new)
        picture(page, "change-password")
        page.click_text("Update password")

        page.until_at(f"{address}/login")
        sign_in(page, address, "cat", old)
        page.until_text("The name or the password is wrong.")
        sign_in(page, address, "cat", new)
        page.until_text(HOME)


def test_by_keycloaks_page_and_out_of_both(keycloak_site: KeycloakSite, chromium: Chromium) -> None:
    address, provider = keycloak_site.server.address, keycloak_site.provider
    with chromium.person() as page:
        page.go(f"{address}/?page=experiments")
        page.until_at(f"{address}/login?next=")
        picture(page, "both-ways")
        page.click_text("Sign in with Keycloak")
        page.until_at(provider.issuer)
        page.type("#username", "ada")
        page.type("#password", AT_KEYCLOAK)
        picture(page, "keycloak")
        page.press("Enter")
        page.until_text(HOME)
        assert page.address.startswith(f"{address}/?page=experiments")

        page.go(f"{address}/logout")
        page.until_at(f"{address}/login?out=1")
        page.until_text("You have logged out")
        picture(page, "logged-out")
        page.click_text("Sign in with Keycloak")
        page.until_at(provider.issuer)
        page.until("document.querySelector('#password')", "Keycloak asks for the password again")


def test_who_may_not_come_in_is_told_on_the_page(keycloak_site: KeycloakSite, chromium: Chromium) -> None:
    with chromium.person() as page:
        page.go(f"{keycloak_site.server.address}/login")
        page.click_text("Sign in with Keycloak")
        page.until_at(keycloak_site.provider.issuer)
        page.type("#username", "eve")
        page.type("#password", AT_KEYCLOAK)
        page.press("Enter")
        page.until_text("you are in none of the groups that may use this server")
        picture(page, "in-no-group")


def test_by_the_directory(directory: str, chromium: Chromium) -> None:
    with chromium.person() as page:
        sign_in(page, directory, "eve", "eve's")
        page.until_text("you are in none of the groups that may use this server")
        picture(page, "directory-no-group")

        sign_in(page, directory, *ANN)
        page.until_text(HOME)
        page.click(MENU)
        page.click_text("Logout")
        page.until_at(f"{directory}/login")


def test_by_a_provider_beside_the_directory(directory: str, chromium: Chromium) -> None:
    with chromium.person() as page:
        page.go(f"{directory}/")
        page.click_text("Login with OIDC")
        page.until_text("Login", "Go on")
        page.type("[name=login]", "joan")
        page.press("Enter")
        page.until_text(HOME)
        page.until_at(f"{directory}/")
        page.click(MENU)
        picture(page, "provider-menu")
