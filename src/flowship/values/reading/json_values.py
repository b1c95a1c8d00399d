"""A value of `--set-json` as Helm reads it: JSON of Go, in which every number is a float of 64 bits.

Flowship refuses what Helm would take while dropping a part of it: a key written twice. Messages hold no value.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from flowship.values.model.provenance import DEEPEST, Item, Source
from flowship.values.reading import scalars

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOO_DEEP = f"the value is nested more than {DEEPEST} levels deep"


class JsonError(ValueError):
    """The text is no JSON, or JSON that cannot be a value; the message says why."""


def read(text: str, at: int, source: Source) -> tuple[Item, int]:
    """Read the value of JSON that begins there, all of it from one place, and tell where it ends.

    Raises JsonError.
    """
    try:
        value, end = _DECODER.raw_decode(text, at)
        return _item(value, source), end
    except scalars.ScalarError as error:
        raise JsonError(f"the value {error}") from None
    except RecursionError:
        raise JsonError(_TOO_DEEP) from None
    except json.JSONDecodeError:
        raise JsonError("the value is not JSON; text stands in double quotes there") from None


def _item(value: Any, source: Source, depth: int = 0) -> Item:
    if depth > DEEPEST:
        raise JsonError(_TOO_DEEP)
    if isinstance(value, dict):
        return Item({key: _item(each, source, depth + 1) for key, each in value.items()}, source)
    if isinstance(value, list):
        return Item([_item(each, source, depth + 1) for each in value], source)
    return Item(value, source)


def _map(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise JsonError(f"the key `{key}` stands twice in a map; keep one")
        found[key] = value
    return found


def _no_constant(word: str) -> NoReturn:
    raise json.JSONDecodeError("no JSON", word, 0)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_map, parse_int=scalars.number, parse_float=scalars.number, parse_constant=_no_constant
)
