"""What the names in an expression stand for, in a dashboard and in a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGET = "$target"


def filled(text: str, target: str, limits: Mapping[str, int]) -> str:
    """Put the labels of a target and limits in their places, as the chart's template does."""
    text = text.replace(TARGET, target)
    for name, number in limits.items():
        text = text.replace(f"${name}", str(number))
    return text
