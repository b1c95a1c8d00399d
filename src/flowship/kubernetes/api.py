"""The API of the Kubernetes in which this pod runs, with the token that is mounted into it: as much as Secrets need."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from flowship.errors import KubernetesError

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
ANSWER_LIMIT = 30.0
"""Seconds that one answer may take."""


class ConflictError(KubernetesError):
    """Somebody else made or changed the object meanwhile."""


@dataclass(frozen=True)
class Api:
    """Asks the API of Kubernetes, as the pod that this runs in."""

    host: str
    port: int
    namespace: str
    token: str = field(repr=False)
    certificate: Path

    @classmethod
    def of_this_pod(cls, environ: Mapping[str, str], account: Path = ACCOUNT) -> Self:
        """Make it of what Kubernetes gives to every pod whose token is mounted.

        Raises:
            KubernetesError: this is no such pod.
        """
        try:
            return cls(
                environ["KUBERNETES_SERVICE_HOST"],
                int(environ["KUBERNETES_SERVICE_PORT"]),
                (account / "namespace").read_text().strip(),
                (account / "token").read_text().strip(),
                account / "ca.crt",
            )
        except (KeyError, ValueError, OSError) as error:
            raise KubernetesError(
                "This command runs in a pod of Kubernetes whose ServiceAccount's token is mounted, and this is none: "
                f"{error} is missing. The chart runs it as a Job."
            ) from error

    def secret(self, name: str) -> dict[str, Any] | None:
        """Give a Secret of the namespace, None if there is none."""
        return self._ask("GET", f"/{name}", None)

    def create_secret(self, secret: Mapping[str, Any]) -> None:
        """Make a Secret.

        Raises:
            ConflictError: there is one already.
        """
        self._ask("POST", "", secret)

    def change_secret(self, name: str, changes: Mapping[str, Any]) -> None:
        """Lay the changes over a Secret; with its `resourceVersion` in them, only over that version.

        Raises:
            ConflictError: it was changed since.
        """
        self._ask("PATCH", f"/{name}", changes)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any] | None:
        try:
            status, answer = self._exchange(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            raise KubernetesError(
                f"The API of Kubernetes at {self.host}:{self.port} cannot be asked: {error}"
            ) from error
        if status < HTTPStatus.BAD_REQUEST:
            found: dict[str, Any] = json.loads(answer)
            return found
        if status == HTTPStatus.NOT_FOUND and method == "GET":
            return None
        kind = ConflictError if status == HTTPStatus.CONFLICT else KubernetesError
        raise kind(f"Kubernetes refused to {method} secrets{path} in {self.namespace}: {_message(answer, status)}")

    def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None) -> tuple[int, bytes]:
        trust = ssl.create_default_context(cafile=self.certificate)
        # From Python 3.13 on, a certificate must say what its key is for, which those of many clusters do not.
        trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=ANSWER_LIMIT, context=trust)
        kind = "merge-patch+json" if method == "PATCH" else "json"
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": f"application/{kind}"}
        try:
            target = f"/api/v1/namespaces/{self.namespace}/secrets{path}"
            connection.request(method, target, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


def _message(answer: bytes, status: int) -> str:
    """Tell what Kubernetes says about it: a Status, which holds names and never what is in a Secret."""
    try:
        return f"{json.loads(answer)['message']}"
    except (ValueError, KeyError, TypeError):
        return f"status {status}"
