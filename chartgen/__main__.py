"""`python -m chartgen`: write every generated file of the checkout; with `--check`, fail if one is not current."""

from __future__ import annotations

import sys
from pathlib import Path

from chartgen.generating import generated
from chartgen.icon import with_icon
from chartgen.mlflow_version import with_version
from chartgen.monitoring.files import files
from chartgen.pages.files import pages

ROOT = Path(__file__).parents[1]


def main(arguments: list[str]) -> int:
    """Write what is not as it should be, or tell of it."""
    wanted = {**generated(ROOT), **files(ROOT), **pages(ROOT), **with_version(ROOT)}
    metadata = ROOT / "charts" / "mlflow" / "Chart.yaml"
    wanted[metadata] = with_icon(wanted[metadata], ROOT)
    old = {path: content for path, content in wanted.items() if _read(path) != content}
    for path, content in old.items():
        if "--check" in arguments:
            sys.stderr.write(f"{path} is not current. Run: make generate\n")
        else:
            path.write_text(content)
    return 1 if old and "--check" in arguments else 0


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
