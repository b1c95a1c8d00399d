"""The site of the documentation, as it was built: links and anchors lead somewhere, and all that it loads is its own.

`zensical build --strict` checks what pages of Markdown link to each other. This reads what a browser would: the menus,
pictures, scripts and style sheets too. `make docs` runs it, with nothing but Python's own library.
"""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "link": "href"}
"""What a browser fetches without being asked, and where it is said."""
FETCHED_BY_STYLES = re.compile(r"url\(\s*[\"']?((?:https?:)?//[^\"')]+)|@import\s+[\"']((?:https?:)?//[^\"']+)")


class Page(HTMLParser):
    """What a page loads, what it links to, and its anchors."""

    def __init__(self, text: str) -> None:
        """Read the whole page."""
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag refers to."""
        given = {name: value for name, value in attrs if value is not None}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if (told := given.get(LOADED.get(tag, ""))) and given.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(told)
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])


def findings(site: Path) -> list[str]:
    """What is wrong with a site, in sentences."""
    pages = {path: Page(path.read_text()) for path in sorted(site.rglob("*.html"))}
    found = [
        f"{path.relative_to(site)} loads {each}, which is not part of the site."
        for path, page in pages.items()
        for each in page.loaded
        if _is_elsewhere(each)
    ]
    found += [
        f"{path.relative_to(site)} links to {each}, which is not there."
        for path, page in pages.items()
        for each in dict.fromkeys([*page.links, *page.loaded])
        if not _is_elsewhere(each) and path.name != "404.html" and not _leads_somewhere(each, path, pages)
    ]
    return found + [
        f"{path.relative_to(site)} loads {''.join(each)}, which is not part of the site."
        for path in sorted(site.rglob("*.css"))
        for each in FETCHED_BY_STYLES.findall(path.read_text())
    ]


def _is_elsewhere(link: str) -> bool:
    return bool(urlsplit(link).scheme or urlsplit(link).netloc)


def _leads_somewhere(link: str, start: Path, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    target = (start.parent / unquote(parts.path)).resolve() if parts.path else start.resolve()
    target = target / "index.html" if target.is_dir() else target
    page = pages.get(target)
    return target.is_file() and (not parts.fragment or (page is not None and unquote(parts.fragment) in page.anchors))


def main(arguments: list[str]) -> int:
    """Print what is wrong with the site in a folder."""
    site = Path(arguments[0]).resolve()
    found = findings(site)
    sys.stderr.write("".join(f"{each}\n" for each in found))
    if not (site / "index.html").is_file():
        sys.stderr.write(f"{site} holds no site. Run: make docs\n")
        return 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
