"""Pieces of Markdown that generated pages are made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_CODE = re.compile(r"(`[^`]*`)")


def prose(text: str) -> str:
    """Text as Markdown shows it as it is; what is in backquotes is code."""
    parts = _CODE.split(text)
    plain = [re.sub(r"([*<\[])", r"\\\1", part) if number % 2 == 0 else part for number, part in enumerate(parts)]
    return "".join(plain)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with its last line break. Bars are escaped in its cells, in code too, and nowhere else."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def anchor(heading: str) -> str:
    """The anchor of a heading of plain words or of one key, as forges and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def between(page: str, name: str, part: str, banner: str) -> str:
    """A page with a part of its own between the marks of that name."""
    first, last = f"<!-- {name}. {banner} -->\n", f"<!-- end of {name} -->\n"
    head, rest = page.split(first)
    return head + first + part + last + rest.split(last)[1]
