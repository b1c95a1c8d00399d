from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.e2e.signing_in.chromium import Chromium
from tests.e2e.signing_in.keycloak import PASSWORD, Keycloak
from tests.integration import flowship
from tests.integration.provider_browser import Browser
from tests.integration.servers.process import free_port
from tests.integration.single_sign_on import ADMIN, Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests

    from tests.integration.flowship import Running

PEOPLE = {
    "ada": ["mlflow", "vision"],
    "grace": ["mlflow-admin"],
    "eve": ["others"],
    "tom": ["mlflow"],
    "max": ["mlflow"],
    "joan": ["mlflow"],
    "mary": ["mlflow"],
}


class KeycloakBrowser(Browser):
    """Fills in Keycloak's own page."""

    def go(self, path: str, *, login: str = "") -> requests.Response:
        answer = super().go(path)
        form = re.search(r'<form[^>]*id="kc-form-login"[^>]*action="([^"]+)"', answer.text)
        if not login or form is None:
            return answer
        typed = {"username": login, "password": PASSWORD, "credentialId": ""}
        answer = self.post(html.unescape(form[1]), data=typed, allow_redirects=False, timeout=60)
        return super().go(answer.headers["location"]) if answer.is_redirect else answer


class KeycloakSite(Served):
    """A server whose people sign in at Keycloak."""

    def __init__(self, server: Running, provider: Keycloak) -> None:
        super().__init__(server)
        self.provider = provider

    def browser(self) -> KeycloakBrowser:
        browser = KeycloakBrowser(self.server.address)
        browser.verify = str(self.provider.directory / "authority.pem")
        return browser


@pytest.fixture(scope="session")
def keycloak_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeycloakSite]:
    """One for all of these tests: Keycloak takes a minute to start."""
    port = free_port()
    with Keycloak(trustme.CA(), f"http://127.0.0.1:{port}", PEOPLE) as provider:
        values = {
            "auth": {"enabled": True, "adminUsername": ADMIN[0], "adminPassword": ADMIN[1], "cacheTtlSeconds": 0},
            "oidcAuth": provider.values(cacheTtlSeconds=0, recheckSeconds=60, roles={"vision": "readers"}),
        }
        with flowship.running(values, data=tmp_path_factory.mktemp("keycloak") / "data", port=port) as server:
            yield KeycloakSite(server, provider)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with Chromium() as browser:
        yield browser
