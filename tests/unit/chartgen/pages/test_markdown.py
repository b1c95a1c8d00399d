"""What is shown is the text as it is, and what is copied too."""

from __future__ import annotations

import pytest

from chartgen.pages.markdown import prose, table

PIPE = "as `openssl rand -base64 32 | tr +/ -_` prints, or x | y"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (PIPE, PIPE),
        ("with *care*, a <name> and [this]", r"with \*care\*, a \<name> and \[this]"),
        ("`*`, `<fast>` and `[0]`", "`*`, `<fast>` and `[0]`"),
    ],
)
def test_in_a_paragraph_only_what_markdown_would_take_is_escaped(text: str, written: str) -> None:
    assert prose(text) == written


def test_a_bar_in_a_cell_ends_no_cell_whether_it_is_code_or_not() -> None:
    assert table(("what", "how"), [("`a|b`", "a | b"), ("", "c")]) == (
        "| what | how |\n| --- | --- |\n| `a\\|b` | a \\| b |\n|  | c |\n"
    )
