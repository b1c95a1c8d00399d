"""Imports go one way: `cli` to the parts, the parts to `values`, never back, and nowhere in a circle."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = Path(__file__).parents[2] / "src" / "flowship"

MAY_IMPORT = {
    "installing": set(),
    "errors": {"installing"},
    "check": set(),
    "near": set(),
    "until": set(),
    "file_lock": set(),
    "mlflow_seams": set(),
    "values": {"errors", "near"},
    "importing": {"errors", "values"},
    "database": {"errors", "file_lock", "until", "mlflow_seams", "values"},
    "kubernetes": {"errors"},
    "client": {"errors"},
    "exporting": {"errors", "artifacts", "database", "mlflow_seams"},
    "moving": {"errors", "file_lock", "artifacts", "database", "mlflow_seams", "values"},
    "backup": {"errors", "until", "artifacts", "database", "mlflow_seams", "values"},
    "artifacts": {"errors", "database", "mlflow_seams", "values"},
    "garbage": {"errors", "artifacts", "database", "mlflow_seams"},
    "auth": {"errors", "check", "database", "mlflow_seams", "values"},
    "accounts": {"errors", "auth", "database", "mlflow_seams"},
    "status": {"errors", "backup", "database", "garbage", "mlflow_seams", "values"},
    "tracking": {"errors", "auth", "database", "mlflow_seams"},
    "server": {
        *(
            "errors",
            "file_lock",
            "until",
            "artifacts",
            "auth",
            "backup",
            "database",
            "garbage",
            "mlflow_seams",
            "moving",
            "status",
            "tracking",
            "values",
        )
    },
    "checks": {"errors", "check", "until", "artifacts", "auth", "database", "mlflow_seams", "server", "values"},
    "cli": {
        *("errors", "check", "accounts", "artifacts", "auth", "backup", "checks", "client", "database", "exporting"),
        *("garbage", "importing", "kubernetes", "moving", "near", "server", "status", "values"),
    },
}

MODULES = {
    ".".join(("flowship", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in SOURCE.rglob("*.py")
}


def imported(path: Path) -> set[str]:
    """The modules of Flowship that one imports, for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in inner}
    return found & MODULES.keys()


@cache
def imports() -> dict[str, set[str]]:
    """What each module imports; read when it is asked, since every worker of the tests imports this file."""
    return {name: imported(path) for name, path in MODULES.items()}


def part(name: str) -> str:
    """The part of Flowship that a module belongs to."""
    return name.split(".")[1] if "." in name else ""


def room(name: str) -> str:
    """The folder that a module lies in."""
    return name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]


def circles(graph: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
    """Groups that import each other, by whatever way."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for name in graph[waiting.pop()] - seen:
                seen.add(name)
                waiting.append(name)
        return seen

    reach = {name: reached(name) for name in graph}
    return sorted({tuple(sorted(m for m in reach[n] if n in reach[m])) for n in graph if n in reach[n]})


def test_every_part_has_its_place_in_the_order() -> None:
    assert {part(name) for name in MODULES} - {""} == MAY_IMPORT.keys()


@pytest.mark.parametrize("here", MAY_IMPORT)
def test_a_part_imports_only_those_below_it(here: str) -> None:
    found = {part(other) for name in MODULES if part(name) == here for other in imports()[name]}

    assert found - {here, ""} <= MAY_IMPORT[here]


def test_no_modules_import_each_other() -> None:
    assert circles(imports()) == []


def test_no_rooms_import_each_other() -> None:
    rooms: dict[str, set[str]] = {room(name): set() for name in MODULES}
    for name, others in imports().items():
        rooms[room(name)] |= {room(other) for other in others} - {room(name)}

    assert circles(rooms) == []


def test_a_circle_would_be_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == [("b", "c")]
