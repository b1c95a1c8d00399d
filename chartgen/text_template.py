"""Characters that a pod's file would not survive: Helm reads them where a file has an escape for one, and would hand
them on."""

from __future__ import annotations

ESCAPED = ("\x7f", *map(chr, range(0x80, 0xA0)), "\ufeff", "\ufffe", "\uffff")
"""What JSON holds as it is, but YAML refuses or, as U+0085, takes for the end of a line."""


def escaped(expression: str) -> str:
    """The template expression, for JSON, with an escape for each of those characters."""
    return " | ".join([expression, *(f'replace "\\u{ord(each):04x}" "\\\\u{ord(each):04x}"' for each in ESCAPED)])
