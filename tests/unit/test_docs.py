"""What the docs show is true: their values load, their links lead somewhere, and every variable is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from flowship.values.model.variables import VARIABLES
from flowship.values.reading.reading import read
from flowship.values.rules.server.process import REFUSED_FLAGS, REFUSED_OPTIONS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def examples() -> list[tuple[str, str]]:
    """Each YAML block of each page that is about values."""
    found = []
    for page in PAGES:
        blocks = re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.M | re.S)
        found += [(f"{page.name}-{number}", block) for number, block in enumerate(blocks) if "apiVersion" not in block]
    return found


@pytest.mark.parametrize(("name", "block"), examples(), ids=[name for name, _ in examples()])
def test_the_values_of_an_example_are_valid(name: str, block: str, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(block)
    on = yaml.safe_load(block).get("auth", {}).get("postgres") and "auth: {enabled: true, adminUsername: a}"
    rest = tmp_path / "rest.yaml"
    rest.write_text(on or "")

    assert read([rest, file], [], {"MLFLOW_AUTH_ADMIN_PASSWORD": "correct horse battery"}, "fill").values


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/decisions.md", "CONTRIBUTING.md"])
def test_files_that_a_map_names_are_there(page: str) -> None:
    """Whole paths, or their ends: `gate/basic_claims.py` is one of `auth/`."""
    named = re.findall(r"`([\w./*-]+(?:\.py|\.tpl|\.txt|/))`", (ROOT / page).read_text())
    tops = ("src", "tests", "chartgen", "charts", "benchmarks", "docs", "requirements")
    missing = [name for name in named if not any(next((ROOT / top).rglob(name), None) for top in tops)]

    assert len(named) > 3
    assert [name for name in missing if not (ROOT / name).exists() and not any(ROOT.glob(name))] == []


def test_every_room_is_on_the_map() -> None:
    source = ROOT / "src" / "flowship"
    text = (ROOT / "docs" / "architecture.md").read_text()
    rooms = {folder.parent.relative_to(source) for folder in source.rglob("__init__.py")} - {Path()}

    assert [str(room) for room in sorted(rooms) if f"`{room.name}/`" not in text and f"`{room}/`" not in text] == []


def test_every_variable_that_stands_for_a_key_is_documented() -> None:
    text = (ROOT / "docs" / "values.md").read_text().replace("..._", "FLOWSHIP_AUTH_")

    assert [variable.name for variable in VARIABLES if f"`{variable.name}`" not in text] == []


def test_every_option_that_is_refused_is_documented() -> None:
    text = (ROOT / "docs" / "values.md").read_text()

    assert [name for name in (*REFUSED_OPTIONS, *REFUSED_FLAGS) if f"`{name}`" not in text] == []
