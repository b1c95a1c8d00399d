"""Identifiers that an import keeps, or replaces wherever they stand: in columns, tags, addresses and spans.

A run's is 32 letters and digits; a trace's has `tr-` before them, a logged model's `m-`. Spans also hold those of their
trace in base64.
"""

from __future__ import annotations

import base64
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DIGITS = re.compile(r"[0-9a-f]{32}")
_WORD = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:tr-|m-|a-)?[0-9a-f]{32}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9+/]{22}==)(?![0-9A-Za-z])"
)
"""Whatever may be an identifier; it is one if it is known."""


@dataclass(frozen=True)
class Renaming:
    """What stands for what: identifiers, and the place of artifacts."""

    identifiers: Mapping[str, str] = field(default_factory=dict)
    old_location: str = ""
    new_location: str = ""

    def renamed(self, value: Any) -> Any:
        """Give a value of a row as it will be."""
        if not isinstance(value, str):
            return value
        if value == self.old_location or value.startswith(f"{self.old_location}/"):
            value = self.new_location + value[len(self.old_location) :]
        if self.identifiers:
            value = _WORD.sub(lambda found: self.identifiers.get(found[0], found[0]), value)
        return value


def fresh(identifiers: Iterable[str]) -> dict[str, str]:
    """Make a new identifier of the same form for each, and for the forms in which spans hold those of their traces."""
    found = {}
    for old in identifiers:
        new = uuid.uuid4()
        if digits := _DIGITS.search(old):
            found[old] = old.replace(digits[0], new.hex)
            if old.startswith("tr-"):
                found[digits[0]] = new.hex
                found[_encoded(digits[0])] = _encoded(new.hex)
        else:
            found[old] = str(new)
    return found


def _encoded(digits: str) -> str:
    return base64.b64encode(bytes.fromhex(digits)).decode()
