"""A browser that signs in at a provider, as far as HTTP goes: cookies, redirects, and the header that pages send."""

from __future__ import annotations

from urllib.parse import urljoin

import requests

PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}


class Browser(requests.Session):
    """Goes to pages; `at` is where it has arrived, and `visited` where it was on the way."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.trust_env = False
        self.address = address
        self.visited: list[str] = []

    def go(self, path: str, *, login: str = "") -> requests.Response:
        """Go to a page, and on to where it leads; at the provider's question for a name, give this one."""
        url = path if path.startswith("http") else f"{self.address}{path}"
        self.visited = []
        while True:
            self.visited.append(url)
            answer = self.get(url, headers=PAGE, allow_redirects=False, timeout=60)
            if not answer.is_redirect:
                return answer
            url = urljoin(url, answer.headers["location"])
            if "/interaction/" in url:
                if not login:
                    return answer
                url = f"{url}?login={login}"

    def steps(self, path: str, *, login: str) -> str:
        """Sign in at the provider, and give the address to which it sends the browser back, without going there."""
        url = f"{self.address}{path}"
        while True:
            answer = self.get(url, headers=PAGE, allow_redirects=False, timeout=60)
            assert answer.is_redirect, answer.text
            url = urljoin(url, answer.headers["location"])
            if "/interaction/" in url:
                url = f"{url}?login={login}"
            if "code=" in url and url.startswith(self.address):
                return url

    def api(self, path: str) -> requests.Response:
        """Ask MLflow's API as its pages do."""
        return self.get(f"{self.address}{path}", headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)
