"""A provider on loopback that can be told to answer what no real one would; the real one is in
tests/integration/servers."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from flowship.auth.methods.oidc.provider.settings import ProviderSettings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping

CLIENT, SECRET = "flowship", "a secret: with a colon"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
"""A key of somebody else, who calls it by the same name."""
EC_KEY = ECKey.generate_key("P-256", {"kid": "curve"})


def signed(claims: Mapping[str, Any], key: RSAKey | ECKey = KEY, algorithm: str = "RS256") -> str:
    """Write a token."""
    return jwt.encode({"alg": algorithm, "kid": key.kid}, dict(claims), key, algorithms=[algorithm])


class FakeProvider:
    """Answers what its attributes say, and remembers what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.discovery: dict[str, Any] = {
            "issuer": url,
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
            "jwks_uri": f"{url}/keys",
            "userinfo_endpoint": f"{url}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }
        self.keys: list[dict[str, Any]] = [dict(KEY.as_dict(private=False))]
        self.claims: dict[str, Any] = {
            "iss": url,
            "sub": "subject-1",
            "aud": CLIENT,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            "email": "Ada@Example.com",
            "groups": ["mlflow"],
        }
        self.token: dict[str, Any] | None = None
        """The whole answer of the token endpoint, instead of one with these claims."""
        self.token_status = 200
        self.userinfo: dict[str, Any] = {"sub": "subject-1"}
        self.raw: dict[str, tuple[int, dict[str, str], bytes]] = {}
        """Answers by path that stand in place of the others."""
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def settings(self, **more: Any) -> ProviderSettings:
        """Make the settings with which this provider is used."""
        return ProviderSettings(
            **{
                "discovery_url": f"{self.url}/.well-known/openid-configuration",
                "client_id": CLIENT,
                "client_secret": SECRET,
                "groups": ("mlflow",),
                "admin_groups": ("mlflow-admin",),
                "timeout": 30,
                **more,
            }
        )

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        if path in self.raw:
            return self.raw[path]
        status, document = 200, self._document(path)
        if path == "/token":
            status = self.token_status
        return status, {"content-type": "application/json"}, json.dumps(document).encode()

    def _document(self, path: str) -> Any:
        if path == "/token":
            given = {"id_token": signed(self.claims), "access_token": "access", "refresh_token": "refresh"}
            return given if self.token is None else self.token
        return {"/keys": {"keys": self.keys}, "/userinfo": self.userinfo}.get(path, self.discovery)


@contextlib.contextmanager
def fake_provider(tls: ssl.SSLContext | None = None) -> Iterator[FakeProvider]:
    """Run a provider while the context lasts, over HTTPS as `localhost` where there is a certificate for it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer(dict(parse_qsl(body)))

        def _answer(self, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            provider.asked.append((path, {name.lower(): value for name, value in self.headers.items()}, form))
            status, headers, body = provider.answer(path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the method that it replaces
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    provider = FakeProvider(f"{'https://localhost' if tls else 'http://127.0.0.1'}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
