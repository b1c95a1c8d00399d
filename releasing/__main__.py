"""`make dist`: wheel, sdist, chart, the image's build context, an SBOM of the image and checksums, in dist/."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from releasing import folder, making

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all of it, in a folder that holds nothing else afterwards."""
    parser = argparse.ArgumentParser(prog="python -m releasing", description=__doc__)
    parser.add_argument("--to", type=Path, default=making.ROOT / "dist")
    parser.add_argument("--helm", default="helm", help="the program")
    parser.add_argument("--cyclonedx", default="cyclonedx-py", help="the program")
    chosen = parser.parse_args(arguments)
    if changed := making.uncommitted():
        changes = "\n".join(changed)
        sys.exit(f"A release is made from a commit, and these files are not as in it:\n{changes}\nCommit them first.")
    try:
        folder.claim(chosen.to)
    except folder.FolderError as error:
        sys.exit(f"{error}")
    with TemporaryDirectory() as made:
        make(Path(made), chosen.helm, chosen.cyclonedx)
        folder.replace(chosen.to, Path(made))
    sys.stdout.write(f"{(chosen.to / making.SUMS).read_text()}in {chosen.to}\n")


def make(target: Path, helm: str, cyclonedx: str) -> None:
    """Make everything into an empty folder."""
    time = making.time_of_commit()
    making.packages(target, time)
    making.chart(target, helm, time)
    making.context(target, time)
    making.bill(target, cyclonedx, time)
    making.sums(target)


if __name__ == "__main__":
    main()
