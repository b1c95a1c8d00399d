"""What a YAML scalar without quotes means to Helm, which differs from what PyYAML makes of it.

Helm reads values with go.yaml.in/yaml/v2 (YAML 1.1 with parts of 1.2), turns them into JSON, and reads that with Go's
`encoding/json`, for which every number is a 64-bit float. The rules here were taken from its behaviour; the tests in
`tests/integration/values` feed the same text to Helm 3 and Helm 4 and compare. What nobody writes on purpose, and Helm
would change without a word, is refused: numbers in another spelling than decimal or octal, and keys that are no text.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowship.values.model.provenance import Scalar

# YAML 1.1 has more spellings; these are the ones that Helm knows.
_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"), math.inf),
}

_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# Such as the mode of a file, 0644. Longer ones need not fit into 64 bits, and then Helm reads them as decimal.
_OCTAL = re.compile(r"[-+]?0[0-7]{1,20}")
_UNUSUAL = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]+|[bB][-+]?[01]+|[oO][0-7]+|[0-7]{21,})")

# As a key, the text that Helm makes of it is the same.
_WHOLE_KEY = re.compile(r"0|[1-9][0-9]{0,17}")

# Up to here a 64-bit float holds every integer, so nothing is lost by showing it as one.
_EXACT = 2**53


class ScalarError(ValueError):
    """A scalar that cannot be a value, or not the value it seems to be; the message never holds its text."""


def value(text: str) -> Scalar:
    """Read a scalar as the JSON value that Helm makes of it."""
    if text in _WORDS:
        return _finite(_WORDS[text])
    if text[0] not in "+-.0123456789":
        return text
    digits = text.replace("_", "")
    if _UNUSUAL.fullmatch(digits) or (digits != text and _DECIMAL.fullmatch(digits)):
        raise ScalarError(
            "is a number with underscores, or not in decimal, which Helm changes; write it in decimal, or in quotes to "
            "mean the text"
        )
    if _OCTAL.fullmatch(text):
        return _whole(float(int(text, 8)))
    if _DECIMAL.fullmatch(text):
        try:
            return number(text)
        except ScalarError:
            return text  # as go-yaml does when Go refuses a number
    return text


def number(text: str) -> int | float:
    """Give the number that decimal digits are to Helm, which has floats of 64 bits."""
    found = float(text)
    if math.isinf(found):
        raise ScalarError("holds a number too large for a float of 64 bits; put it in quotes to mean the text")
    return _whole(found)


def key(text: str) -> str:
    """Read a scalar as a key, whose text must stay as it is: Helm would write `true` for `y`, and `15` for `017`."""
    if not is_text(text) and not _WHOLE_KEY.fullmatch(text):
        raise ScalarError("is null, a word such as `yes` or a number to Helm, which changes the key; put it in quotes")
    return text


def is_text(text: str) -> bool:
    """Tell whether Helm takes a scalar for the text that it is."""
    try:
        return value(text) == text
    except ScalarError:
        return False


def _finite(word: bool | float | None) -> bool | None:
    if isinstance(word, float):
        raise ScalarError("is not a finite number, which values cannot hold; put it in quotes to mean the text")
    return word


def _whole(number: float) -> int | float:
    return int(number) if abs(number) < _EXACT and number.is_integer() else number
