"""What the docs show is true: their values load, their links lead somewhere, and every variable is told.

`make docs` looks at the site that is made of them; here they are what a forge shows.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from flowship.auth.methods.oidc.provider.settings import BEGIN, CALLBACK
from flowship.auth.pages.terminal_pages import TERMINAL
from flowship.auth.pages.token_pages import TOKENS
from flowship.auth.tokens import api
from flowship.server.http.observing import probes
from flowship.status import report
from flowship.values.reading.reading import read
from flowship.values.rules.server.process import REFUSED_FLAGS, REFUSED_OPTIONS
from tests.markdown import blocks

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
FENCED = re.compile(r"^( *)(```+).*?^\1\2$", re.M | re.S)


def prose(page: Path) -> str:
    """A page without its blocks of code."""
    return FENCED.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges and the site make them."""
    found: list[str] = []
    for heading in re.findall(r"^#+ +(.+)$", prose(page), re.M):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        found.append(re.sub(r"[^\w\- ]", "", text).replace(" ", "-"))
    assert len(found) == len(set(found)), "two headings of one name: forges and the site number them differently"
    return set(found) | set(re.findall(r'<a (?:id|name)="([^"]+)"', page.read_text()))


LOG_INS = {
    "MLFLOW_AUTH_ADMIN_PASSWORD": "correct horse battery",
    "PGUSER": "u",
    "PGPASSWORD": "p",
    "FLOWSHIP_AUTH_PGUSER": "u",
    "FLOWSHIP_AUTH_PGPASSWORD": "p",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "key",
    "OIDC_CLIENT_SECRET": "secret",
}
"""What examples leave to the environment."""


def examples() -> list[tuple[str, str]]:
    """Each YAML block of each page that is about values."""
    found = []
    for page in PAGES:
        if page.name == "keys.md":  # one key an example: tests/unit/chartgen/pages/test_keys.py
            continue
        shown = blocks(page.read_text(), "yaml")
        found += [(f"{page.name}-{number}", block) for number, block in enumerate(shown) if "apiVersion" not in block]
    return found


@pytest.mark.parametrize(("name", "block"), examples(), ids=[name for name, _ in examples()])
def test_the_values_of_an_example_are_valid(name: str, block: str, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text(block)
    on = yaml.safe_load(block).get("auth", {}).get("postgres") and "auth: {enabled: true, adminUsername: a}"
    rest = tmp_path / "rest.yaml"
    rest.write_text(on or "")

    assert read([rest, file], [], LOG_INS, "fill").values


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)", prose(page))
    missing = [link for link, _ in links if not (page.parent / link).exists()]
    lost = [
        f"{link}#{anchor}"
        for link, anchor in links
        if anchor and link not in missing and anchor not in anchors(page.parent / link if link else page)
    ]

    assert len(links) > 0 or page.name not in ("README.md", "CONTRIBUTING.md")
    assert missing + lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_list_has_an_empty_line_before_it(page: Path) -> None:
    """Without one, forges show a list, and the site a paragraph."""
    assert re.findall(r"^(?![-#*|> ]|\d+\. ).+\n(?:- |\* |1\. ).*", prose(page), re.M) == []


def named_in(menu: Any) -> list[str]:
    """The pages of a menu, with those of its sections."""
    if isinstance(menu, str):
        return [menu]
    return [page for entry in menu for each in entry.values() for page in named_in(each)]


def test_the_menu_of_the_site_has_each_page_once() -> None:
    site = tomllib.loads((ROOT / "docs" / "zensical.toml").read_text())["project"]

    assert sorted(named_in(site["nav"])) == sorted(str(page.relative_to(ROOT)) for page in PAGES)
    assert site["theme"]["font"] is False, "fonts would come from elsewhere"


MAPS = ["docs/explanation/architecture.md", "docs/explanation/decisions.md", "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", MAPS)
def test_files_that_a_map_names_are_there(page: str) -> None:
    """Whole paths, or their ends: `gate/shown_secret.py` is one of `auth/`."""
    named = re.findall(r"`([\w./*-]+(?:\.py|\.tpl|\.txt|/))`", (ROOT / page).read_text())
    tops = ("src", "tests", "chartgen", "charts", "benchmarks", "docs", "requirements")
    missing = [name for name in named if not any(next((ROOT / top).rglob(name), None) for top in tops)]

    assert len(named) > 3
    assert [name for name in missing if not (ROOT / name).exists() and not any(ROOT.glob(name))] == []


def test_every_room_is_on_the_map() -> None:
    source = ROOT / "src" / "flowship"
    text = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    rooms = {folder.parent.relative_to(source) for folder in source.rglob("__init__.py")} - {Path()}

    assert [str(room) for room in sorted(rooms) if f"`{room.name}/`" not in text and f"`{room}/`" not in text] == []


OURS = re.compile(r'"((?:MLFLOW_TRACKING|FLOWSHIP|XDG|LDAP|GOOGLE)_[A-Z_]+)"')


def test_every_variable_that_flowship_reads_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "environment.md").read_text()
    documented = set(re.findall(r"`([A-Z][A-Z_]+)`", text))
    read_by_name = {name for path in (ROOT / "src").rglob("*.py") for name in OURS.findall(path.read_text())}

    beginnings = {f"{name.rpartition('AWS_')[0]}" for name in documented if "_AWS_" in name}

    assert sorted(read_by_name - documented - beginnings) == []


def test_the_routes_of_flowship_are_documented() -> None:
    text = (ROOT / "docs" / "reference" / "routes.md").read_text()
    documented = set(re.findall(r"`(?:[A-Z]+ )?(/[^` ]*)`", text))
    paths = {probes.HEALTH, probes.READY, api.PATH, report.PATH, TERMINAL, TOKENS, "/metrics", "/status"}

    assert sorted({*paths, BEGIN, CALLBACK, "/login", "/logout"} - documented) == []


def test_every_option_that_is_refused_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "values.md").read_text()

    assert [name for name in (*REFUSED_OPTIONS, *REFUSED_FLAGS) if f"`{name}`" not in text] == []
