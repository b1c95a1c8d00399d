"""Keycloak on loopback, by HTTPS with a certificate of a private authority: one realm with one client."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import requests

from tests.integration.servers.process import TOOLS, Server, ServerError, find_program

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import trustme

REALM, CLIENT = "people", "flowship"
ADMIN = "root"
PASSWORD = "a password at Keycloak"
"""That of each user."""
HOME = TOOLS / "keycloak"
# Its own script starts Java as a child, which would outlive it.
JAVA = (
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
    "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    *(f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("util", "util.concurrent", "security", "lang")),
)
START = ("io.quarkus.bootstrap.runner.QuarkusEntryPoint", "start", "--optimized")
KEYS = "org.keycloak.keys.KeyProvider"


class Keycloak(Server):
    """A realm whose users are members of groups, which are in the claim `groups`."""

    name = "keycloak"
    start_limit: ClassVar[float] = 600

    def __init__(self, authority: trustme.CA, address: str, users: Mapping[str, Sequence[str]]) -> None:
        """`address` is that of the server that people sign in to; `users` gives the groups of each."""
        super().__init__()
        self._authority, self._address, self._first = authority, address, users
        self._admin_password = secrets.token_hex(16)
        self.secret = secrets.token_hex(16)

    @property
    def issuer(self) -> str:
        return f"https://localhost:{self.port}/realms/{REALM}"

    def values(self, **more: Any) -> dict[str, Any]:
        """The section of the values that names this realm."""
        return {
            "enabled": True,
            "discoveryUrl": f"{self.issuer}/.well-known/openid-configuration",
            "clientId": CLIENT,
            "clientSecret": self.secret,
            "issuerCA": self._authority.cert_pem.bytes().decode(),
            "usernameClaim": "preferred_username",
            "providerDisplayName": "Sign in with Keycloak",
            **more,
        }

    def prepare(self) -> None:
        if not HOME.exists():
            raise ServerError("Keycloak is not installed, run `make e2e-signing-in`")
        certificate = self._authority.issue_cert("localhost", "127.0.0.1")
        for file, blobs in (
            ("tls.crt", certificate.cert_chain_pems),
            ("tls.key", [certificate.private_key_pem]),
        ):
            (self.directory / file).write_bytes(b"".join(blob.bytes() for blob in blobs))
        (self.directory / "authority.pem").write_bytes(self._authority.cert_pem.bytes())

    def command(self) -> list[str]:
        options = {
            "hostname": f"https://localhost:{self.port}",
            "http-host": self.host,
            "cache": "local",  # else it listens for others of its kind
            "https-port": self.port,
            "https-certificate-file": self.directory / "tls.crt",
            "https-certificate-key-file": self.directory / "tls.key",
        }
        given = (f"--{key}={value}" for key, value in options.items())
        return [
            find_program("java"),
            *JAVA,
            f"-Dkc.home.dir={HOME}",
            "-cp",
            f"{HOME}/lib/quarkus-run.jar",
            *START,
            *given,
        ]

    def environment(self) -> Mapping[str, str]:
        return {
            "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
            "KC_BOOTSTRAP_ADMIN_PASSWORD": self._admin_password,
        }

    def ask(self) -> None:
        self._session.get(f"https://localhost:{self.port}/realms/master", timeout=30).raise_for_status()

    def start(self) -> None:
        """Start with the realm as it was at first: it is kept in memory."""
        super().start()
        self._make_realm()

    # What its administrator does

    def log_in_admin(self) -> str:
        answer = self._session.post(
            f"https://localhost:{self.port}/realms/master/protocol/openid-connect/token",
            data={
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": ADMIN,
                "password": self._admin_password,
            },
            timeout=60,
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def admin(self, method: str, path: str, content: object = None) -> requests.Response:
        """Ask the admin's API; the path begins after the realm's."""
        answer = self._session.request(
            method,
            f"https://localhost:{self.port}/admin/realms{path}",
            json=content,
            headers={"authorization": f"Bearer {self.log_in_admin()}"},
            timeout=60,
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def realm(self, method: str, path: str, content: object = None) -> Any:
        """Ask for something of the realm."""
        answer = self.admin(method, f"/{REALM}{path}", content)
        return answer.json() if answer.content else None

    def user_id(self, name: str) -> str:
        (found,) = self.realm("GET", f"/users?exact=true&username={name}")
        return str(found["id"])

    def change_user(self, name: str, **changes: object) -> None:
        """Change a user, such as `enabled=False`."""
        path = f"/users/{self.user_id(name)}"
        self.realm("PUT", path, {**self.realm("GET", path), **changes})

    def put_into(self, name: str, group: str) -> None:
        self.realm("PUT", f"/users/{self.user_id(name)}/groups/{self._group(group)}")

    def take_out_of(self, name: str, group: str) -> None:
        self.realm("DELETE", f"/users/{self.user_id(name)}/groups/{self._group(group)}")

    def sessions(self, name: str) -> int:
        """How many sessions a user has at the provider."""
        return len(self.realm("GET", f"/users/{self.user_id(name)}/sessions"))

    def end_sessions(self, name: str) -> None:
        """Log a user out everywhere, as an administrator does."""
        self.realm("POST", f"/users/{self.user_id(name)}/logout")

    def signing_keys(self) -> set[str]:
        """Those that it publishes for RS256."""
        document = self._session.get(f"{self.issuer}/protocol/openid-connect/certs", timeout=60).json()
        return {str(key["kid"]) for key in document["keys"] if key["alg"] == "RS256"}

    def signing_key(self) -> str:
        """The one that it signs with now."""
        return str(self.realm("GET", "/keys")["active"]["RS256"])

    def add_key(self, name: str, provider: str, priority: int, **more: str) -> None:
        """Add a key for signatures; that of the highest priority signs."""
        config = {"priority": str(priority), "algorithm": "RS256", **more}
        setting = {
            "name": name,
            "providerId": provider,
            "providerType": KEYS,
            "config": {key: [value] for key, value in config.items()},
        }
        self.realm("POST", "/components", setting)

    def withdraw_other_keys(self, name: str) -> None:
        """Publish no key of RSA for signatures but that of one setting."""
        for each in self.realm("GET", f"/components?type={KEYS}"):
            if each["providerId"] in ("rsa", "rsa-generated") and each["name"] != name:
                self.realm("DELETE", f"/components/{each['id']}")

    def _group(self, name: str) -> str:
        (found,) = (each for each in self.realm("GET", "/groups") if each["name"] == name)
        return str(found["id"])

    def _make_realm(self) -> None:
        groups = sorted({group for of in self._first.values() for group in of})
        mapper = {
            "name": "groups",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-group-membership-mapper",
            "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true"},
        }
        client = {
            "clientId": CLIENT,
            "secret": self.secret,
            "redirectUris": [f"{self._address}/login/oidc/callback"],
            "attributes": {
                "post.logout.redirect.uris": f"{self._address}/login?out=1",
                "pkce.code.challenge.method": "S256",
            },
            "protocolMappers": [mapper],
        }
        users = [
            {
                "username": name,
                "enabled": True,
                "email": f"{name}@example.com",
                "emailVerified": True,
                "firstName": name.title(),
                "lastName": "Example",
                "groups": [f"/{group}" for group in of],
                "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            }
            for name, of in self._first.items()
        ]
        realm = {
            "realm": REALM,
            "enabled": True,
            "revokeRefreshToken": True,
            "groups": [{"name": name} for name in groups],
            "clients": [client],
            "users": users,
        }
        self.admin("POST", "", realm)

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False  # which may name other authorities
        session.verify = str(self.directory / "authority.pem")
        return session
