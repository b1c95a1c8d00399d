"""Rows as lines that are the same whatever database they come from, and the sum by which both sides are compared.

A line is what PostgreSQL's COPY writes for the row, so that those for it, and from it, cost nothing more. JSON is an
exception: databases keep it with spaces and an order of their own, so what is compared is what it means.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from flowship.moving.rows.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Row = Sequence[Any]

NULL = "\\N"
MODULUS = 1 << 64
_ESCAPES = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"},
)
_ESCAPED = "\\\b\f\n\r\t\v"
_EXPONENT_FROM = 1e15
"""From here on PostgreSQL writes a number with an exponent, ten times earlier than Python."""


def lines(rows: Sequence[Row], kinds: Sequence[Kind], *, compared: bool = True) -> list[str]:
    """Write rows as lines, without their ends; those that are not `compared` keep JSON as it is."""
    chosen = [kind if compared or kind is not Kind.JSON else Kind.TEXT for kind in kinds]
    texts = [_TEXTS[kind](values) for kind, values in zip(chosen, zip(*rows, strict=True), strict=True)]
    return list(map("\t".join, zip(*texts, strict=True)))


def checksum(encoded: Iterable[bytes]) -> int:
    """Sum up lines, so that neither their order nor their division into batches counts."""
    number = int.from_bytes
    return sum(number(blake2b(line, digest_size=8).digest()) for line in encoded) % MODULUS


def _nullable(texts: Callable[[Sequence[Any]], list[str]]) -> Callable[[Sequence[Any]], list[str]]:
    """Have NULL written apart, which most columns hold never and some always."""

    def written(values: Sequence[Any]) -> list[str]:
        if None not in values:
            return texts(values)
        known = iter(texts([value for value in values if value is not None]))
        return [NULL if value is None else next(known) for value in values]

    return written


def _integers(values: Sequence[Any]) -> list[str]:
    return list(map(str, map(int, values)))


def _booleans(values: Sequence[Any]) -> list[str]:
    return ["t" if value else "f" for value in values]


def _texts(values: Sequence[str]) -> list[str]:
    joined = "".join(values)
    if any(character in joined for character in _ESCAPED):
        return [value.translate(_ESCAPES) for value in values]
    return list(values)


def _bytes(values: Sequence[bytes]) -> list[str]:
    return [rf"\\x{bytes(value).hex()}" for value in values]


def _meanings(values: Sequence[str]) -> list[str]:
    return _texts([json.dumps(json.loads(value), sort_keys=True, separators=(",", ":")) for value in values])


def _floats(values: Sequence[Any]) -> list[str]:
    if not sum(map(abs, values)) < _EXPONENT_FROM:  # one of them is as large, or is no number
        return [_float(float(value)) for value in values]
    return [text[:-2] if text.endswith(".0") else text for text in map(repr, map(float, values))]


def _float(value: float) -> str:
    """Write a number as PostgreSQL does: with the fewest digits that mean it."""
    text = repr(value).removesuffix(".0")
    if text.lstrip("-") in {"inf", "nan"}:
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(text, "NaN")
    if abs(value) < _EXPONENT_FROM or "e" in text:
        return text
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, _, part = digits.partition(".")
    rest = (whole[1:] + part).rstrip("0")
    return f"{sign}{whole[0]}{'.' if rest else ''}{rest}e+{len(whole) - 1}"


_TEXTS: dict[Kind, Callable[[Sequence[Any]], list[str]]] = {
    Kind.INTEGER: _nullable(_integers),
    Kind.FLOAT: _nullable(_floats),
    Kind.TEXT: _nullable(_texts),
    Kind.DATE: _nullable(_texts),
    Kind.BOOLEAN: _nullable(_booleans),
    Kind.JSON: _nullable(_meanings),
    Kind.BYTES: _nullable(_bytes),
}
