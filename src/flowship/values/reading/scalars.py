"""What a YAML scalar means to Helm, which differs from what PyYAML makes of it.

Helm reads values with go.yaml.in/yaml/v2 (YAML 1.1 with parts of 1.2), turns them into JSON, and reads that with Go's
`encoding/json`, for which every number is a 64-bit float. The rules here were taken from its behaviour; the tests in
`tests/integration/values` feed the same text to Helm 3 and Helm 4 and compare. What nobody writes on purpose, such as a
fraction as a key, whose text Helm changes, is refused.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowship.values.model.provenance import Scalar

_TAG = "tag:yaml.org,2002:"
_NULL, _BOOL, _INT, _FLOAT, _STR = (_TAG + name for name in ("null", "bool", "int", "float", "str"))
_BINARY, _TIMESTAMP = _TAG + "binary", _TAG + "timestamp"
MERGE_TAG = _TAG + "merge"
_KINDS: dict[type, str] = {type(None): _NULL, bool: _BOOL, int: _INT, float: _FLOAT, str: _STR}

# YAML 1.1 has more spellings; these are the ones that Helm knows.
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}

# Go's strconv.ParseInt with base 0, after underscores are taken out; 017 is octal, 08 is not an integer.
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_BASES = (16, 2, 8, 10)
# go-yaml lets a sign follow this prefix.
_SIGNED_BINARY = re.compile(r"0b[-+][01]+")
_UNDERSCORE = re.compile(r"(?<=[0-9])_(?=[0-9])")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")

_INT64_MIN, _INT64_MAX, _UINT64_MAX = -(2**63), 2**63 - 1, 2**64 - 1
# Up to here a 64-bit float holds every integer, so nothing is lost by showing it as one.
_EXACT = 2**53


class ScalarError(ValueError):
    """A scalar that cannot be a value, or not the value it seems to be; the message never holds its text."""


def value(text: str, tag: str | None, *, plain: bool) -> Scalar:
    """The JSON value of a scalar. `plain` means written without quotes and not as a block."""
    resolved = _resolve(text, tag, plain=plain)
    if isinstance(resolved, bool) or not isinstance(resolved, int | float):
        return resolved
    if not math.isfinite(resolved):
        raise ScalarError("is not a finite number, which values cannot hold; put it in quotes to mean the text")
    if abs(resolved) < _EXACT and resolved == int(resolved):
        return int(resolved)
    return float(resolved)


def key(text: str, tag: str | None, *, plain: bool) -> str:
    """The text of a scalar that is a key: `017` and `y` become the keys `15` and `true`."""
    resolved = _resolve(text, tag, plain=plain)
    if isinstance(resolved, str):
        return resolved
    if isinstance(resolved, bool):
        return "true" if resolved else "false"
    if isinstance(resolved, int) and resolved <= _INT64_MAX:
        return str(resolved)
    raise ScalarError("is null or a number that Helm writes in another way, which cannot be a key; put it in quotes")


def _resolve(text: str, tag: str | None, *, plain: bool) -> Scalar:
    if tag is None:
        return _resolve_plain(text) if plain else text
    if tag == _STR:
        return text
    if tag == _BINARY:
        raise ScalarError("has the tag !!binary, but values hold no bytes; write the text, or the base64, in quotes")
    if tag == _TIMESTAMP:
        # Helm takes the text of some forms and refuses others; there is no point in telling them apart.
        raise ScalarError("has the tag !!timestamp, but values hold no times; put it in quotes instead")
    if tag in _KINDS.values():
        return _resolve_tagged(text, tag)
    # A tag that go-yaml does not know, `!` alone included, makes it text.
    return text


def _resolve_tagged(text: str, tag: str) -> Scalar:
    resolved = _resolve_plain(text)
    found = _KINDS[type(resolved)]
    if found == _INT and tag == _FLOAT and isinstance(resolved, int) and resolved <= _INT64_MAX:
        return float(resolved)
    if found != tag:
        raise ScalarError(f"is not of the type that its tag !!{tag.removeprefix(_TAG)} says")
    return resolved


def _resolve_plain(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == ".":
        # Here go-yaml leaves underscores to Go, which wants digits on both sides.
        return _decimal(_UNDERSCORE.sub("", text), text)
    if text[0] not in "+-0123456789":
        return text
    digits = text.replace("_", "")
    number = _integer(digits)
    return _decimal(digits, text) if number is None else number


def _integer(digits: str) -> int | None:
    if _SIGNED_BINARY.fullmatch(digits):
        raise ScalarError("is a number to Helm, with a sign inside; write it in decimal, or in quotes to mean the text")
    found = _INTEGER.fullmatch(digits)
    if not found:
        return None
    sign, *magnitudes = found.groups()
    number = next(int(magnitude, base) for magnitude, base in zip(magnitudes, _BASES, strict=True) if magnitude)
    if sign == "-":
        number = -number
    # Go reads a number beyond int64 as unsigned, and only without a sign.
    return number if _INT64_MIN <= number <= (_INT64_MAX if sign else _UINT64_MAX) else None


def _decimal(digits: str, text: str) -> float | str:
    if not _DECIMAL.fullmatch(digits):
        return text
    number = float(digits)
    # Go refuses a number that is too big for a float, and go-yaml then takes the text.
    return number if math.isfinite(number) else text
