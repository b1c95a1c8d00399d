"""Where a store's client will connect to, and whether anything is there.

The clients of Google and Azure retry for minutes when nothing answers, and no setting of theirs stops them; asking the
host ourselves first gives the cause at once.
"""

from __future__ import annotations

import os
import socket
import ssl
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import certifi

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowship.artifacts.location import ArtifactLocation

LIMIT = 5.0
"""Seconds until a host that says nothing counts as away."""

S3_VARIABLES = ("MLFLOW_S3_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
"""In the order in which MLflow and boto3 read them."""


def unreachable(location: ArtifactLocation, environ: Mapping[str, str] = os.environ) -> str | None:
    """Tell why the store's host cannot be reached, as the end of a sentence, or None when it can or is not known
    here."""
    address = _address(location, environ)
    if address is None:
        return None
    host, port = address.host, address.port
    try:
        with socket.create_connection((host, port), timeout=LIMIT):
            return None
    except (socket.gaierror, UnicodeError):  # a label of more than 63 letters is no name either
        return f"the host name {host} is not known; {_remedy(location, environ)}"
    except TimeoutError:
        return f"{host}, port {port}, does not answer; {_remedy(location, environ)}"
    except OSError as error:
        return f"nothing can be reached at {host}, port {port} ({error.strerror}); {_remedy(location, environ)}"


def distrusted(location: ArtifactLocation, environ: Mapping[str, str] = os.environ) -> str | None:
    """Tell whether the host's certificate is not trusted here, as the end of a sentence: to be asked when its client
    gave no answer, since Azure's tries again for minutes then."""
    address = _address(location, environ)
    if address is None or not address.tls:
        return None
    authority = environ.get("REQUESTS_CA_BUNDLE") or environ.get("CURL_CA_BUNDLE") or certifi.where()
    try:
        context = ssl.create_default_context(cafile=authority)
        with (
            socket.create_connection((address.host, address.port), timeout=LIMIT) as connection,
            context.wrap_socket(connection, server_hostname=address.host),
        ):
            return None
    except ssl.SSLCertVerificationError as error:
        return (
            f"its certificate is not trusted here ({error.verify_message}); set REQUESTS_CA_BUNDLE to the file of its "
            "authority"
        )
    except OSError:
        return None


@dataclass(frozen=True)
class _Address:
    host: str
    port: int
    tls: bool


def _address(location: ArtifactLocation, environ: Mapping[str, str]) -> _Address | None:
    """Tell where the client will connect to; None when it does so through a proxy, which looks up the name itself."""
    parts = urlsplit(endpoint(location, environ))
    try:
        port = parts.port
    except ValueError:  # not a number; the client says so
        return None
    if parts.scheme not in {"http", "https"}:  # the client refuses it, or has an address of its own
        return None
    if not parts.hostname or _is_proxied(parts.scheme, parts.hostname):
        return None
    tls = parts.scheme == "https"
    return _Address(parts.hostname, port or (443 if tls else 80), tls)


def endpoint(location: ArtifactLocation, environ: Mapping[str, str]) -> str:
    """Give the address of the store, or nothing when only its client knows it."""
    if location.uri.startswith("s3:"):
        return next((environ[name] for name in S3_VARIABLES if environ.get(name)), "")
    if location.uri.startswith("gs:"):
        return environ.get("STORAGE_EMULATOR_HOST") or "https://storage.googleapis.com"
    if location.uri.startswith("wasbs:"):
        string = environ.get("AZURE_STORAGE_CONNECTION_STRING")
        return _named_in(string) if string else f"https://{urlsplit(location.uri).hostname}"
    return ""


def _named_in(connection_string: str) -> str:
    settings = dict(part.partition("=")[::2] for part in connection_string.split(";") if "=" in part)
    settings = {name.strip().lower(): value for name, value in settings.items()}
    if "blobendpoint" in settings:
        return settings["blobendpoint"]
    if "accountname" not in settings or settings.get("usedevelopmentstorage"):
        return ""
    suffix = settings.get("endpointsuffix", "core.windows.net")
    return f"{settings.get('defaultendpointsprotocol', 'https')}://{settings['accountname']}.blob.{suffix}"


def _is_proxied(scheme: str, host: str) -> bool:
    """Tell whether a proxy looks up the name, which this machine then need not know."""
    return scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host)


def _remedy(location: ArtifactLocation, environ: Mapping[str, str]) -> str:
    if location.uri.startswith("s3:"):
        variable = next(name for name in S3_VARIABLES if environ.get(name))
        return f"correct {variable} (in extraEnvVars, or of this environment), or start the server there"
    if location.uri.startswith("gs:"):
        return "check this machine's network, and STORAGE_EMULATOR_HOST if it is set"
    if environ.get("AZURE_STORAGE_CONNECTION_STRING"):
        return "correct artifactRoot.azureBlob.connectionString, or check this machine's network"
    return "correct artifactRoot.azureBlob.storageAccount, or check this machine's network"
