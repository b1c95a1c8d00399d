"""Which value of a statement its column cannot keep: drivers and servers name it rarely, and never the length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine.interfaces import ExecutionContext

_NUMBERED = re.compile(r"_\d+\Z")
"""SQLAlchemy numbers the parameters of one name."""

SIGNED_64_BITS = range(-(2**63), 2**63)


def unfit_value(context: ExecutionContext | None) -> str | None:
    """Tell what is wrong with the first value of a statement that its column cannot keep; None when all seem to fit."""
    return next((said for name, kind, value in _values(context) if (said := _what_is_wrong(name, kind, value))), None)


def _values(context: Any) -> Iterator[tuple[str, Any, Any]]:
    compiled = getattr(context, "compiled", None)
    rows = getattr(context, "compiled_parameters", None) or ()
    for bind, name in getattr(compiled, "bind_names", {}).items():
        for row in rows:
            yield _NUMBERED.sub("", name), bind.type, row.get(name)


def _what_is_wrong(name: str, kind: Any, value: Any) -> str | None:
    if isinstance(value, int) and value not in SIGNED_64_BITS:
        return f"{name} is a number of more than 64 bits"
    if not isinstance(value, str):
        return None
    if "\0" in value:
        return f"{name} holds the character NUL (U+0000)"
    if any("\ud800" <= character <= "\udfff" for character in value):
        return f"{name} holds half a character (a lone surrogate)"
    longest = getattr(kind, "length", None)
    if longest is not None and len(value) > longest:
        return f"{name} has {len(value)} characters, and at most {longest} fit"
    return None
