"""A browser that signs in by the page, as far as a server sees one: cookies, and where its requests come from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

if TYPE_CHECKING:
    from tests.integration.flowship import Running


@dataclass
class Browser:
    """Goes to pages and sends forms; it follows nothing by itself."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    said: str = ""
    """The headers of the last answer that set cookies."""

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def go(self, path: str, **headers: str) -> requests.Response:
        """Go to a page, as one who types its address."""
        navigating = {"Accept": "text/html,*/*", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}
        return self.send("GET", path, {**navigating, **_named(headers)})

    def script(self, method: str, path: str, json: object = None, **headers: str) -> requests.Response:
        """Send what a page of the server's own sends."""
        own = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin", "Origin": self.origin}
        return self.send(method, path, {**own, **_named(headers)}, json=json)

    def sign_in(self, name: str, password: str, back: str = "/", **headers: str) -> requests.Response:
        """Send the form of the login page."""
        form = {"username": name, "password": password, "next": back}
        own = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin", "Origin": self.origin}
        return self.send("POST", "/login", {**own, **_named(headers)}, data=form)

    def send(self, method: str, path: str, headers: dict[str, str], **content: object) -> requests.Response:
        """Send a request with the cookies, and keep those that come."""
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = requests.request(
            method,
            f"{self.address}{path}",
            headers={**(cookie if self.cookies else {}), **headers},
            allow_redirects=False,
            timeout=60,
            **content,  # type: ignore[arg-type]
        )
        if said := answer.headers.get("Set-Cookie", ""):
            self.said = said
        for name, value in re.findall(r"(?:^|, )([A-Za-z_-]+)=([^;,]*); Path", said):
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        return answer


def signed_in(server: Running, name: str, password: str) -> Browser:
    """Give a browser in which a user has signed in."""
    browser = Browser(server.address)
    answer = browser.sign_in(name, password)
    assert answer.status_code == 303, answer.text
    return browser


def post_tokens(browser: Browser, **form: str) -> requests.Response:
    """Send a form of the page of tokens."""
    return browser.send("POST", "/tokens", {"Origin": browser.origin}, data=form)


def made_token(browser: Browser, scope: str = "all", **more: str) -> str:
    """Give a token that the user has made on the page."""
    page = post_tokens(browser, do="make", name="for a test", days="30", scope=scope, **more)
    assert page.status_code == 200, page.text
    return str(re.findall(r"flowship_[\w-]{43}", page.text)[0])


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
