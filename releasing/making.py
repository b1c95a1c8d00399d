"""What a release consists of, each made into a folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flowship import __version__
from releasing import archives

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
IMAGE = ("Dockerfile", ".dockerignore", "LICENSE", "README.md", "pyproject.toml", "requirements", "src")
"""What `docker build` is given, as .dockerignore lets it through."""

SUMS = "SHA256SUMS"


def run(*command: str | Path, variables: Mapping[str, str] | None = None) -> str:
    """Run a program in the checkout, with some variables more, and give its output."""
    environ = {**os.environ, **(variables or {})}
    return subprocess.run(command, cwd=ROOT, env=environ, check=True, text=True, stdout=subprocess.PIPE).stdout


def uncommitted() -> list[str]:
    """Give the files of the checkout that differ from its commit, with git's letters for how."""
    return run("git", "status", "--porcelain").splitlines()


def time_of_commit() -> int:
    """Give the time that everything in a release has."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or run("git", "log", "-1", "--format=%ct"))


def packages(target: Path, time: int) -> None:
    """Build wheel and sdist, by the build tools that are pinned for the image."""
    uv = Path(sys.executable).with_name("uv")
    options = ("--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", target)
    run(uv, "build", *options, variables={"SOURCE_DATE_EPOCH": f"{time}"})
    (target / ".gitignore").unlink(missing_ok=True)


def chart(target: Path, helm: str, time: int) -> None:
    """Package the chart."""
    run(helm, "package", "charts/mlflow", "--destination", target)
    for found in target.glob("*.tgz"):
        archives.normalise(found, time)


def context(target: Path, time: int) -> None:
    """Pack what the image is built from, as git knows it."""
    names = run("git", "ls-files", "-z", "--", *IMAGE).split("\0")
    files = {name: ((ROOT / name).read_bytes(), (ROOT / name).stat().st_mode) for name in names if name}
    archives.write(target / f"flowship-{__version__}-image.tar.gz", files, time)


def bill(target: Path, tool: str, time: int) -> None:
    """Write what the image's Python consists of, with hashes, as CycloneDX."""
    file = target / f"flowship-{__version__}-image.cdx.json"
    options = ("--pyproject", "pyproject.toml", "--output-reproducible", "--no-validate", "--of", "JSON", "-o", file)
    quiet = {"PYTHONWARNINGS": "ignore", "SOURCE_DATE_EPOCH": f"{time}"}  # it regrets that requirements are no graph
    run(tool, "requirements", *options, "requirements/image.txt", variables=quiet)


def sums(target: Path) -> None:
    """Write the checksums, for `sha256sum --check`."""
    found = sorted(path for path in target.iterdir() if path.name != SUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in found]
    (target / SUMS).write_text("".join(lines))
