"""A server whose people sign in at a provider, and what tests ask of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import requests

from tests.integration.provider_browser import Browser

if TYPE_CHECKING:
    from tests.integration.flowship import Running

ADMIN = ("root", "the admin's own password")
ME = "/ajax-api/2.0/mlflow/users/current"
USERS = "/api/2.0/mlflow/users"


class Served:
    """A server with its database of users."""

    def __init__(self, server: Running) -> None:
        self.server = server

    def browser(self) -> Browser:
        return Browser(self.server.address)

    def signed_in(self, name: str) -> Browser:
        browser = self.browser()
        answer = browser.go("/login/oidc", login=name)
        assert answer.status_code == 200, answer.text
        return browser

    def write(self, statement: str, *values: object) -> None:
        """Change the database of users, as time would."""
        file = self.server.data / "basic_auth.db"
        with closing(sqlite3.connect(file, timeout=60)) as connection, connection:
            connection.execute(statement, values)

    def long_ago(self) -> None:
        """Have the provider asked again for everybody."""
        self.write("UPDATE flowship_provider_accounts SET checked_at = checked_at - 1000")

    def admin(self, method: str, path: str, **more: object) -> requests.Response:
        url = f"{self.server.address}{path}"
        return requests.request(method, url, auth=ADMIN, timeout=60, **more)  # type: ignore[arg-type]

    def roles(self, name: str) -> list[str]:
        """Give the roles of MLflow's that were given to a user."""
        answer = self.admin("GET", f"/api/3.0/mlflow/users/roles/list?username={name}")
        assert answer.status_code == 200, answer.text
        found = [role["name"] for role in answer.json()["roles"]]
        return [name for name in found if not name.startswith("__")]

    def make_role(self, name: str) -> None:
        made = self.admin("POST", "/api/3.0/mlflow/roles/create", json={"name": name, "workspace": "default"})
        assert made.status_code == 200, made.text


def who(browser: Browser) -> tuple[int, str, bool]:
    """Give the status of an answer, and who one is by it, or what is wrong; and whether one is an admin."""
    answer = browser.api(ME)
    if answer.status_code != 200:
        return answer.status_code, answer.text, False
    user = answer.json()["user"] if "user" in answer.json() else answer.json()
    return answer.status_code, user["username"], user["is_admin"]
