"""The log-ins of a person, by the address of a server, in a file that only its owner can read."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flowship.errors import LogInError

NAME = "flowship"
"""What MLFLOW_TRACKING_AUTH is, for MLflow's client to use the log-ins."""

PORTS = {"http": 80, "https": 443}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class LogIn:
    """What was given for a log-in at a server."""

    user: str
    token: str = field(repr=False)
    ends: int | None = None
    """When the token ends, in seconds since 1970."""


def file_of_log_ins() -> Path:
    """Tell where log-ins are kept; the directory is made with the first."""
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    return (Path(base) if base.startswith("/") else Path.home() / ".config") / "flowship" / "log-ins.json"


def address_of(server: str) -> str:
    """Give the address of a server as log-ins have it.

    Raises:
        LogInError: tokens cannot be sent there safely.
    """
    try:
        parts = urlsplit(server.strip())
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in PORTS or not host or parts.username or parts.query or parts.fragment:
        raise LogInError(f"{host or 'This'} is no address of a server. Write one such as https://mlflow.example.com")
    if scheme == "http" and host not in LOOPBACK:
        raise LogInError(f"{host}: whoever is on the way could read the token. Write the address with https://")
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}{'' if port in (None, PORTS[scheme]) else f':{port}'}{parts.path.rstrip('/')}"


def log_ins() -> dict[str, LogIn]:
    """Give the log-ins that are kept, by the address of the server.

    Raises:
        LogInError: others can read the file, or it is none of ours.
    """
    file = file_of_log_ins()
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_mode & 0o077:
                raise LogInError(f"{file} can be read by others. Run: chmod 600 {file}, and log in again.")
            found = json.load(opened)
        return {address: LogIn(**kept) for address, kept in found.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise LogInError(f"{file} cannot be read ({type(error).__name__}). Delete it, and log in again.") from error


def keep(address: str, log_in: LogIn | None) -> None:
    """Keep a log-in, or forget it. Raises LogInError."""
    found = log_ins()
    found.pop(address, None)
    if log_in is not None:
        found[address] = log_in
    _write(json.dumps({name: asdict(each) for name, each in found.items()}, indent=2))


def _write(text: str) -> None:
    """Write the file whole, or not at all; it is made for its owner only, never widened."""
    file = file_of_log_ins()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, draft = tempfile.mkstemp(dir=file.parent)  # 0600, whatever the umask
        try:
            with os.fdopen(number, "w") as opened:
                opened.write(text)
            Path(draft).replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(draft).unlink()
            raise
    except OSError as error:
        raise LogInError(
            f"{file} cannot be written ({error.strerror}). Make its directory writable for you."
        ) from error


def fitting(url: str) -> LogIn | None:
    """Give the log-in for a request's address: that of the server below whose address it is, and no other's."""
    try:
        wanted = address_of(url.partition("?")[0].partition("#")[0])
    except LogInError:
        return None
    kept = log_ins()
    found = [address for address in kept if f"{wanted}/".startswith(f"{address}/")]
    return kept[max(found, key=len)] if found else None
