"""The version of MLflow that is the default: requirements/mlflow.in holds it, `make generate` writes it elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAMED_IN = {
    "charts/mlflow/Chart.yaml": r'(?<=appVersion: ")[^"]+|(?<=\d-mlflow)[\d.]*\d',
    "Dockerfile": r"(?<=ARG MLFLOW_VERSION=)\S+",
    "docs/how-to/image.md": r"(?<=\d-mlflow)[\d.]*\d|(?<=`, `)[\d.]+(?=` \| for the label)",
    "docs/how-to/moving.md": r"(?<=\d-mlflow)[\d.]*\d",
    "docs/reference/differences.md": r"(?<=\d-mlflow)[\d.]*\d",
}
"""The files that name the version of MLflow, and where."""


def mlflow_version(root: Path) -> str:
    """The version of MLflow that the image, the chart and development have.

    Raises ValueError when requirements/mlflow.in names none.
    """
    found = re.search(r"^mlflow==(\S+)$", (root / "requirements" / "mlflow.in").read_text(), re.M)
    if found is None:
        raise ValueError("requirements/mlflow.in names no version. Write one line such as mlflow==3.17.2.")
    return found[1]


def with_version(root: Path) -> dict[Path, str]:
    """Each file that names it, with what it should hold."""
    version = mlflow_version(root)
    return {root / name: re.sub(where, version, (root / name).read_text()) for name, where in NAMED_IN.items()}
