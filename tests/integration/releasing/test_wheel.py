"""The wheel works without the checkout, in an environment of its own beside the dependencies that are here."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from flowship import __version__
from releasing import making

UV = Path(sys.executable).with_name("uv")


def run(*command: str | Path, directory: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=directory, env=environ, check=True, text=True, capture_output=True)
    return done.stdout


def test_the_wheel_checks_values(tmp_path: Path) -> None:
    making.packages(tmp_path, 1796064624)
    (wheel,) = tmp_path.glob("*.whl")
    run(UV, "venv", "--python", sys.executable, tmp_path / "fresh", directory=tmp_path)
    run(UV, "pip", "install", "--no-deps", "--python", tmp_path / "fresh/bin/python", wheel, directory=tmp_path)
    (packages,) = (tmp_path / "fresh/lib").glob("python3*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))  # whose own .pth files do not count

    flowship = tmp_path / "fresh/bin/flowship"

    assert run(flowship, "--version", directory=tmp_path).startswith(f"flowship {__version__}, MLflow ")
    assert run(flowship, "check", directory=tmp_path) == "✓ valid: no file, so these are the defaults\n"
