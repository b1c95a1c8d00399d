"""A provider of OpenID Connect: panva's `oidc-provider`, which the OpenID Foundation has certified. It takes a code
once and only with its PKCE verifier, rotates refresh tokens, and knows only addresses that are registered."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.servers.process import TOOLS, Server, find_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROGRAM = Path(__file__).with_name("oidc_provider.mjs")
CLIENT, SECRET = "flowship", "a client's secret"


class OidcServer(Server):
    """A provider with one client, whose users are in a file: each has a `sub`, and claims that the provider gives."""

    name = "oidc"

    def __init__(self, redirects: Sequence[str], *, logouts: Sequence[str] = ()) -> None:
        super().__init__()
        self._redirects, self._logouts = list(redirects), list(logouts)
        self.users: dict[str, dict[str, Any]] = {}

    @property
    def issuer(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def _file(self) -> Path:
        return self.directory / "users.json"

    @property
    def discovery_url(self) -> str:
        return f"{self.issuer}/.well-known/openid-configuration"

    def values(self, **more: Any) -> dict[str, Any]:
        """The section of the values that names this provider."""
        return {
            "enabled": True,
            "discoveryUrl": self.discovery_url,
            "clientId": CLIENT,
            "clientSecret": SECRET,
            **more,
        }

    def keep(self, **users: dict[str, Any]) -> None:
        """Make or change users; None for a claim takes it away."""
        for name, claims in users.items():
            self.users[name] = {**self.users.get(name, {"sub": f"subject-{name}"}), **claims}
        self._write()

    def remove(self, name: str) -> None:
        """Remove a user."""
        del self.users[name]
        self._write()

    def prepare(self) -> None:
        self._write()

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self.users))
        new.replace(self._file)

    def command(self) -> list[str]:
        return [find_program("node"), str(PROGRAM)]

    def environment(self) -> Mapping[str, str]:
        settings = {
            "issuer": self.issuer,
            "port": self.port,
            "client": CLIENT,
            "secret": SECRET,
            "redirects": self._redirects,
            "logouts": self._logouts,
            "users": str(self._file),
            "key": str(self.directory / "key.json"),
            "modules": str(TOOLS / "oidc-provider"),
        }
        return {"PROVIDER": json.dumps(settings)}

    def ask(self) -> None:
        with urllib.request.urlopen(self.discovery_url, timeout=10) as answer:  # noqa: S310 - loopback
            json.load(answer)
