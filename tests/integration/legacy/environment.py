"""MLflow 2.22.0 in a virtual environment of its own: the version of the chart that Flowship replaces."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.integration.servers.process import REPOSITORY, ServerError, find_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

VERSION = "2.22.0"
REQUIREMENTS = REPOSITORY / "requirements" / f"mlflow-{VERSION}.txt"
ENVIRONMENT = REPOSITORY / ".cache" / f"mlflow-{VERSION}"


def old_programs() -> Path:
    """The directory of the old environment's programs; installs them, once, if they are not there."""
    pinned = ["--require-hashes", "--requirement", str(REQUIREMENTS)]
    return programs(ENVIRONMENT, pinned, REQUIREMENTS.read_bytes())


def programs(environment: Path, packages: Sequence[str], content: bytes = b"") -> Path:
    """The directory of an environment's programs; installs the packages, once, if they are not there, or others than
    their arguments and their `content` say."""
    wanted = hashlib.sha256("\0".join((*packages, sys.version)).encode() + content).hexdigest()
    stamp = environment / "installed-requirements"
    with exclusive(environment.with_suffix(".lock")):
        if not stamp.exists() or stamp.read_text() != wanted:
            _install(environment, packages)
            stamp.write_text(wanted)
    return environment / "bin"


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """One test worker at a time; the others wait. The lock ends with its process, however that ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install(environment: Path, packages: Sequence[str]) -> None:
    uv = find_program("uv", REPOSITORY / ".venv" / "bin")
    shutil.rmtree(environment, ignore_errors=True)
    _run([uv, "venv", "--quiet", "--python", sys.executable, str(environment)])
    _run([uv, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python"), *packages])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerError(f"cannot install an older MLflow: {' '.join(command)}\n{done.stderr}")
