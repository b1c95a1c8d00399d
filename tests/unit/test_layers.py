"""Imports go one way: `cli` to the parts, the parts to `values`, and never back."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "flowship"

MAY_IMPORT = {
    "errors": set(),
    "mlflow_seams": set(),
    "values": {"errors"},
    "importing": {"errors", "values"},
    "database": {"errors", "mlflow_seams", "values"},
    "kubernetes": {"errors"},
    "backup": {"errors", "artifacts", "database", "mlflow_seams", "values"},
    "artifacts": {"errors", "database", "mlflow_seams", "values"},
    "auth": {"errors", "database", "mlflow_seams", "values"},
    "server": {"errors", "artifacts", "auth", "backup", "database", "mlflow_seams", "values"},
    "cli": {"errors", "artifacts", "auth", "backup", "database", "importing", "kubernetes", "server", "values"},
}


def imported(file: Path) -> set[str]:
    """The parts of Flowship that a module imports."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = node.module == "flowship"
            names = [f"flowship.{alias.name}" for alias in node.names] if whole else [node.module]
        found |= {name.split(".")[1] for name in names if name.startswith("flowship.")}
    return found - {"__version__"}


def test_every_part_has_its_place_in_the_order() -> None:
    parts = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}

    assert parts - {"__init__"} == MAY_IMPORT.keys()


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_those_below_it(part: str) -> None:
    files = [SOURCE / f"{part}.py"] if (SOURCE / f"{part}.py").exists() else [*(SOURCE / part).rglob("*.py")]

    assert set().union(*map(imported, files)) - {part} <= MAY_IMPORT[part]
