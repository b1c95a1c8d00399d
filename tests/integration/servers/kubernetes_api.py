"""The part of Kubernetes' API that keeps Secrets: of one namespace, over TLS, for one token."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMESPACE = "team-a"
TOKEN = "the token of the pod"


@dataclass
class Kept:
    """The Secrets, and what happens before each answer."""

    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: Callable[[str], None] = lambda _: None
    allowed: set[str] = field(default_factory=lambda: {"GET", "POST", "PATCH"})
    writes: int = 0

    def answer(self, method: str, name: str, body: dict[str, Any]) -> tuple[HTTPStatus, dict[str, Any]]:
        self.before(method)
        if method not in self.allowed:
            return HTTPStatus.FORBIDDEN, {"message": f"{method} is forbidden for this ServiceAccount"}
        found = self.secrets.get(name)
        if method == "POST":
            if body["metadata"]["name"] in self.secrets:
                return HTTPStatus.CONFLICT, {"message": "already exists"}
            return HTTPStatus.CREATED, self.keep(body)
        if found is None:
            return HTTPStatus.NOT_FOUND, {"message": "not found"}
        if method == "PATCH":
            if body["metadata"]["resourceVersion"] != found["metadata"]["resourceVersion"]:
                return HTTPStatus.CONFLICT, {"message": "the object has been modified"}
            return HTTPStatus.OK, self.keep(merged(found, body))
        return HTTPStatus.OK, found

    def keep(self, secret: dict[str, Any]) -> dict[str, Any]:
        """Keep it, as a new version."""
        self.writes += 1
        kept: dict[str, Any] = merged(secret, {"metadata": {"resourceVersion": str(self.writes)}})
        self.secrets[kept["metadata"]["name"]] = kept
        return kept


def merged(under: Any, over: Any) -> Any:
    """A JSON merge patch."""
    if not isinstance(over, dict):
        return over
    base = under if isinstance(under, dict) else {}
    return {**base, **{key: merged(base.get(key), value) for key, value in over.items()}}


def handler(kept: Kept) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")
            _, _, name = self.path.partition(f"/api/v1/namespaces/{NAMESPACE}/secrets")
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, answer = HTTPStatus.UNAUTHORIZED, {"message": "Unauthorized"}
            else:
                status, answer = kept.answer(self.command, name.removeprefix("/"), body)
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names by which they are found

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler


@contextmanager
def serving(kept: Kept, account: Path) -> Iterator[dict[str, str]]:
    """Serve them, and mount a pod's token; the environment of such a pod."""
    authority = trustme.CA()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(kept))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    authority.cert_pem.write_to_path(account / "ca.crt")
    (account / "token").write_text(f"{TOKEN}\n")
    (account / "namespace").write_text(NAMESPACE)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(server.server_port)}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
