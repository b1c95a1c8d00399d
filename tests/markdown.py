"""The pieces of Markdown of which tests make something."""

from __future__ import annotations

import re


def blocks(text: str, *languages: str) -> list[str]:
    """The fenced blocks of these languages that stand at the start of a line, in their order."""
    named = "|".join(languages)
    return re.findall(rf"^```(?:{named})\n(.*?)^```", text, re.M | re.S)
