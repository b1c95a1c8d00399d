"""Requests to a provider, within limits of time and size. The only module that talks to one."""

from __future__ import annotations

import base64
import ipaddress
import json
import ssl
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_plus, urlencode, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import urllib3

from flowship.auth.methods.oidc.provider.errors import ProviderDownError, ProviderSetupError
from flowship.auth.trust import trusting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LARGEST = 1024 * 1024
"""Bytes of an answer; documents and tokens of providers take a few thousand."""
AWAY_FOR = 5.0
"""Seconds for which a provider that could not be connected to, or kept silent, is not asked again by anybody."""
CONNECTIONS = 8
"""Connections to the provider that a worker keeps."""


class Named(NamedTuple):
    """The keys of the values that a provider's address and CA come from, for sentences that say what to change."""

    address: str
    ca: str


PROVIDER = Named("oidcAuth.discoveryUrl", "oidcAuth.issuerCA")

JSON = {"accept": "application/json"}


def is_safe(url: str) -> bool:
    """Tell whether what is sent to this address can be read by nobody on the way: by TLS, or without leaving the
    machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and _is_loopback(host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Answer:
    """What a provider answered."""

    def __init__(self, url: str, status: int, body: bytes, named: Named = PROVIDER) -> None:
        self.url, self.status = url, status
        self._body, self._named = body, named

    def document(self) -> dict[str, Any]:
        """Read the answer as a JSON object. Raises ProviderSetupError."""
        try:
            found = json.loads(self._body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ProviderSetupError(
                f"{self.url} answers {self.status} and no JSON object; see whether {self._named.address} is right"
            )
        return found


class Provider:
    """Asks a provider. Used by many threads."""

    def __init__(
        self,
        ca: str = "",
        timeout: float = 10.0,
        *,
        named: Named = PROVIDER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout, self._named = timeout, named
        self._clock = clock
        self._away: tuple[str, float] | None = None
        self._context = trusting(ca)
        self._pools: dict[str, urllib3.PoolManager] = {}

    def get(self, url: str, *, bearer: str = "") -> Answer:
        """Ask for a document. Raises ProviderDownError and ProviderSetupError."""
        return self._ask("GET", url, JSON | ({"authorization": f"Bearer {bearer}"} if bearer else {}), None)

    def post(self, url: str, form: Mapping[str, str], *, login: tuple[str, str] | None = None) -> Answer:
        """Send a form, with an identifier and a secret in a header. Raises ProviderDownError and ProviderSetupError."""
        headers = JSON | {"content-type": "application/x-www-form-urlencoded"}
        if login:  # RFC 6749, 2.3.1: each is encoded as in a form first
            joined = ":".join(map(quote_plus, login)).encode()
            headers["authorization"] = f"Basic {base64.b64encode(joined).decode()}"
        return self._ask("POST", url, headers, urlencode(form))

    def _ask(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Answer:
        if not is_safe(url):
            raise ProviderSetupError(f"{url}: is neither https nor on this machine, so tokens could be read on the way")
        if (away := self._away) and self._clock() < away[1]:
            raise ProviderDownError(away[0])
        end = time.monotonic() + self._timeout
        try:
            response = self._pool(url).request(
                method,
                url,
                headers=dict(headers),
                body=body,
                timeout=urllib3.Timeout(total=self._timeout),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            try:
                found = _read(response, url, end)
            except BaseException:
                response.close()  # with what is unread in it, its connection is of no more use
                raise
        except (urllib3.exceptions.HTTPError, OSError) as error:
            why = f"{url} cannot be asked: {_reason(error, self._named)}"
            self._away = why, self._clock() + AWAY_FOR
            raise ProviderDownError(why) from error
        self._away = None
        if 300 <= response.status < 400:
            raise ProviderSetupError(f"{url} sends elsewhere, which is not followed; write the address that it means")
        if response.status >= 500 or response.status == 429:
            raise ProviderDownError(f"{url} answers {response.status}")
        return Answer(url, response.status, found, self._named)

    def _pool(self, url: str) -> urllib3.PoolManager:
        """Give the connections for an address: through the proxy of the environment, unless it is excepted."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        direct = _is_loopback(host) or proxy_bypass(host)
        proxy = "" if direct else getproxies_environment().get(parts.scheme, "")
        if (pool := self._pools.get(proxy)) is None:
            options: dict[str, Any] = {"ssl_context": self._context, "maxsize": CONNECTIONS}
            pool = urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)
            self._pools[proxy] = pool
        return pool


def _read(response: urllib3.BaseHTTPResponse, url: str, end: float) -> bytes:
    found = bytearray()
    for chunk in response.stream(64 * 1024):
        found += chunk
        if len(found) > LARGEST:
            raise ProviderSetupError(f"{url} answers with more than {LARGEST} bytes")
        if time.monotonic() > end:
            raise ProviderDownError(f"{url} takes too long to answer")
    return bytes(found)


def _reason(error: Exception, named: Named) -> str:
    """Say why a request failed, without the objects that urllib3 puts into its messages."""
    cause: BaseException = error
    while (inner := cause.__cause__ or cause.__context__) is not None and not isinstance(cause, ssl.SSLError):
        cause = inner
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message}); give the CA's in {named.ca}"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause).__name__
