"""Flowship's own pages as a screen reader, a keyboard and a small screen have them; axe-core finds nothing to mend."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.e2e.signing_in.test_browser import picture, sign_in
from tests.integration.servers.process import TOOLS
from tests.integration.single_sign_on import ADMIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.signing_in.chromium import Chromium, Page
    from tests.e2e.signing_in.conftest import KeycloakSite

AXE = TOOLS / "axe-core/node_modules/axe-core/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = {"wide": (1280, False), "dark": (1280, True), "narrow": (360, False), "narrow-dark": (360, True)}


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    with chromium.person() as page:
        yield page


@pytest.fixture
def address(keycloak_site: KeycloakSite) -> str:
    return keycloak_site.server.address


def fits_everybody(page: Page, name: str) -> None:
    """Have axe-core look at a page, light and dark, wide and narrow; on a narrow screen nothing is beside it."""
    page.evaluate(AXE.read_text())
    for look, (width, dark) in LOOKS.items():
        page.looks(width, dark=dark)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is too wide for {width}"
        found = page.evaluate(f"axe.run({{runOnly: {json.dumps(STANDARDS)}}})")
        assert found["passes"], "nothing was looked at"
        assert told(found["violations"]) == [], f"{name}, {look}"
        assert told(found["incomplete"]) == [], f"{name}, {look}: axe-core cannot tell"
        picture(page, f"{name}-{look}")
    page.looks(1280)


def told(found: list[dict[str, Any]]) -> list[str]:
    return [f"{each['id']}: {each['help']}: {node['html']}" for each in found for node in each["nodes"]]


def by_tab(page: Page, number: int) -> list[str]:
    """What has the focus at first, and after each press of Tab."""
    found = [page.focused()]
    for _ in range(number):
        page.press("Tab")
        found.append(page.focused())
    return found


def heard(page: Page) -> list[str]:
    """What a screen reader says, in its order, of what has a meaning."""
    silent = ("LabelText", "paragraph", "form", "list", "listitem", "ListMarker", "strong", "code", "Legend")
    return [f"{each.role}: {each.name}" for each in page.read_out() if each.role not in silent]


def test_the_login_page(page: Page, address: str) -> None:
    page.go(f"{address}/login")
    fits_everybody(page, "login")

    assert heard(page) == [
        "RootWebArea: Sign in - MLflow",
        "main: ",
        "heading: Sign in",
        "textbox: Name",
        "textbox: Password",
        "button: Sign in",
        "link: Sign in with Keycloak",
    ]
    assert by_tab(page, 3) == ["textbox Name", "textbox Password", "button Sign in", "link Sign in with Keycloak"]


def test_the_login_page_after_a_wrong_password(page: Page, address: str) -> None:
    """Whoever hears the page hears what was wrong, where the cursor is."""
    sign_in(page, address, "nobody", "a wrong one")
    page.until_text("The name or the password is wrong.")
    fits_everybody(page, "login-wrong")

    assert "alert: " in heard(page)
    (password,) = (each for each in page.read_out() if each.name == "Password")
    assert password.description == "The name or the password is wrong."
    assert page.focused() == "textbox Password"


def test_the_pages_for_who_is_signed_in_and_logs_out(page: Page, keycloak_site: KeycloakSite) -> None:
    address = keycloak_site.server.address
    sign_in(page, address, *ADMIN)
    page.until_text("Recent Experiments")
    page.go(f"{address}/login")
    page.until_text("You are signed in", ADMIN[0])
    fits_everybody(page, "signed-in")

    page.go(keycloak_site.provider.issuer)  # another site
    page.evaluate(f"location.href = {json.dumps(f'{address}/logout')}")
    page.until_text("Do you want to log out of MLflow here?")
    fits_everybody(page, "asks-to-log-out")
    page.click_text("Log out")
    page.until_text("You have logged out.")
    fits_everybody(page, "logged-out")


def test_the_page_of_tokens(page: Page, address: str) -> None:
    sign_in(page, address, *ADMIN)
    page.until_text("Recent Experiments")
    page.go(f"{address}/tokens")
    page.until_text("There are no tokens yet")
    fits_everybody(page, "no-tokens")

    page.type("#name", "a nightly job")
    page.press("Enter")
    page.until_text("This is the new token", "a nightly job")
    fits_everybody(page, "tokens")
    assert heard(page)[:3] == ["RootWebArea: Tokens - MLflow", "main: ", "heading: Tokens"]
    assert "group: What it may do" in heard(page)
    page.press("Tab")
    assert by_tab(page, 6) == [
        "button Revoke a nightly job",
        "textbox What it is for",
        "textbox For the user (yourself when empty)",
        "combobox How long it lasts",
        "radio It may only read",
        "button Make the token",
        "link Go to MLflow",
    ]


def test_the_pages_that_let_a_terminal_in(page: Page, address: str) -> None:
    begun = requests.post(f"{address}/terminal/begin", data={"program": "flowship login"}, timeout=60).json()
    sign_in(page, address, *ADMIN)
    page.until_text("Recent Experiments")
    page.go(f"{address}/terminal")
    fits_everybody(page, "terminal")
    assert page.focused() == "textbox Code"

    page.type("#code", "AAAA-AAAA")
    page.press("Enter")
    page.until_text("No terminal waits with this code.")
    fits_everybody(page, "terminal-wrong")
    page.type("#code", begun["code"])
    page.press("Enter")
    page.until_text("Allow it only if you have started it yourself")
    fits_everybody(page, "terminal-asks")
    page.click_text("Allow")
    page.until_text("The terminal is let in.")
    fits_everybody(page, "terminal-let-in")
