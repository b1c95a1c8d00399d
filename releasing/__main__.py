"""`make dist`: wheel, sdist, chart, the image's build context, an SBOM of the image and checksums, in dist/."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flowship import __version__
from releasing import archives

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
IMAGE = ("Dockerfile", ".dockerignore", "LICENSE", "README.md", "pyproject.toml", "requirements", "src")
"""What `docker build` is given, as .dockerignore lets it through."""

SUMS = "SHA256SUMS"


def run(*command: str | Path) -> str:
    """Run a program in the checkout, and give its output."""
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE).stdout


def packages(target: Path) -> None:
    """Build wheel and sdist, by the build tools that are pinned for the image."""
    uv = Path(sys.executable).with_name("uv")
    run(uv, "build", "--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", target)
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


def bill(target: Path, tool: str) -> None:
    """Write what the image's Python consists of, with hashes, as CycloneDX."""
    file = target / f"flowship-{__version__}-image.cdx.json"
    options = ("--pyproject", "pyproject.toml", "--output-reproducible", "--no-validate", "--of", "JSON", "-o", file)
    os.environ["PYTHONWARNINGS"] = "ignore"  # the tool regrets that requirements are no graph
    run(tool, "requirements", *options, "requirements/image.txt")


def sums(target: Path) -> None:
    """Write the checksums, for `sha256sum --check`."""
    found = sorted(path for path in target.iterdir() if path.name != SUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in found]
    (target / SUMS).write_text("".join(lines))


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all of it, in a folder that holds nothing else afterwards."""
    parser = argparse.ArgumentParser(prog="python -m releasing", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "dist")
    parser.add_argument("--helm", default="helm", help="the program")
    parser.add_argument("--cyclonedx", default="cyclonedx-py", help="the program")
    chosen = parser.parse_args(arguments)
    time = int(os.environ.setdefault("SOURCE_DATE_EPOCH", run("git", "log", "-1", "--format=%ct").strip()))
    shutil.rmtree(chosen.to, ignore_errors=True)
    chosen.to.mkdir(parents=True)
    packages(chosen.to)
    chart(chosen.to, chosen.helm, time)
    context(chosen.to, time)
    bill(chosen.to, chosen.cyclonedx)
    sums(chosen.to)
    sys.stdout.write(f"{(chosen.to / SUMS).read_text()}in {chosen.to}\n")


if __name__ == "__main__":
    main()
