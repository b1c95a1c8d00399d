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
    from collections.abc import Iterator
    from pathlib import Path

VERSION = "2.22.0"
REQUIREMENTS = REPOSITORY / "requirements" / f"mlflow-{VERSION}.txt"
ENVIRONMENT = REPOSITORY / ".cache" / f"mlflow-{VERSION}"


def old_programs() -> Path:
    """The directory of the old environment's programs; installs them, once, if they are not there."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    stamp = ENVIRONMENT / "installed-requirements"
    with exclusive(ENVIRONMENT.with_suffix(".lock")):
        if not stamp.exists() or stamp.read_text() != wanted:
            _install()
            stamp.write_text(wanted)
    return ENVIRONMENT / "bin"


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """One test worker at a time; the others wait. The lock ends with its process, however that ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install() -> None:
    uv = find_program("uv", REPOSITORY / ".venv" / "bin")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    python = str(ENVIRONMENT / "bin" / "python")
    _run([uv, "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT)])
    install = [uv, "pip", "install", "--quiet", "--python", python]
    _run([*install, "--require-hashes", "--requirement", str(REQUIREMENTS)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ServerError(f"cannot install MLflow {VERSION}: {' '.join(command)}\n{done.stderr}")
