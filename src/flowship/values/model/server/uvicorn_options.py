"""Options of uvicorn that `extraArgs.uvicornOpts` may give: the grammar that a rule checks, and reading them.

Those that are missing here are decided by other keys or by how Flowship runs uvicorn (`uvicorn --help`, 0.54).
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NUMBERS = ("backlog", "h11-max-incomplete-event-size", "limit-concurrency", "timeout-keep-alive")
CHOICES = {
    "http": ("auto", "h11", "httptools"),
    "log-level": ("critical", "error", "warning", "info", "debug"),
    "loop": ("auto", "asyncio", "uvloop"),
}
TEXTS = ("forwarded-allow-ips", "header")
FLAGS = ("date-header", "proxy-headers", "server-header")
TRUST = ("forwarded-allow-ips", "proxy-headers", "no-proxy-headers")
"""Options that `trustedProxies` decides."""
PARSER = ("h11-max-incomplete-event-size", "http")
"""Options that Flowship's own limits decide."""
OPTIONS = tuple(sorted({*NUMBERS, *CHOICES, *TEXTS, *FLAGS, *(f"no-{flag}" for flag in FLAGS)} - {*TRUST, *PARSER}))

_SPACE = r"[ \t\r\n]"
_IS = rf"(=|{_SPACE}+)"
_VALUE = r"""("[^"\\]*"|'[^']*'|[^ \t\r\n'"\\-][^ \t\r\n'"\\]*)"""
_ONE = "|".join(
    [
        f"({'|'.join(NUMBERS)}){_IS}[0-9]{{1,9}}",
        *(f"{name}{_IS}({'|'.join(choices)})" for name, choices in CHOICES.items()),
        f"({'|'.join(TEXTS)}){_IS}{_VALUE}",
        f"(no-)?({'|'.join(FLAGS)})",
    ]
)
GRAMMAR = rf"^{_SPACE}*(--({_ONE})({_SPACE}+|\z))*\z"
"""What `extraArgs.uvicornOpts` must match; Python and Go read it alike. Options that have a refusal of their own
match too."""


def naming(options: Iterable[str]) -> str:
    """Give a pattern for texts that give one of these options."""
    return rf"(^|{_SPACE})--({'|'.join(options)})(=|{_SPACE}|\z)"


def read(text: str) -> dict[str, object]:
    """Give the arguments of `uvicorn.Config` for options that match the grammar; of an option given twice the last, but
    every header."""
    found: dict[str, object] = {}
    headers: list[tuple[str, str]] = []
    words = iter(shlex.split(text))
    for word in words:
        name, given, value = word.removeprefix("--").partition("=")
        if name.removeprefix("no-") in FLAGS:
            found[name.removeprefix("no-").replace("-", "_")] = not name.startswith("no-")
            continue
        value = value if given else next(words)
        if name == "header":
            field, _, content = value.partition(":")
            headers.append((field.strip(), content.strip()))
        else:
            found[name.replace("-", "_")] = int(value) if name in NUMBERS else value
    return found | ({"headers": headers} if headers else {})
