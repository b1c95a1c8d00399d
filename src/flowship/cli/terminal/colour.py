"""Whether letters are coloured: what the environment says, as terminals' programs have agreed, else where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def coloured(environ: Mapping[str, str]) -> bool | None:
    """Tell whether the environment wants colours; None leaves it to where the letters go, which is for terminals only.

    `NO_COLOR` wins over `FORCE_COLOR`, which is also used in CI, where no terminal is.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR", "") not in ("", "0"):
        return True
    return None if can_move(environ) else False


def can_move(environ: Mapping[str, str]) -> bool:
    """Tell whether a terminal knows more than letters in their order, such as going back to a line's begin."""
    return environ.get("TERM", "") not in ("dumb", "emacs")
