"""What the chart needs to say of an unknown key what `flowship check` says of it: `_unknown.tpl` reads this table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from flowship.values.model import unknown_keys
from flowship.values.model.keys import all_keys, fields, is_section
from flowship.values.model.root import PRIVATE, Values
from flowship.values.model.server.process import ServerFlag, ServerOption
from flowship.values.model.unknown_keys import BUNDLED, LISTED, MANY, MEANT, names_in

if TYPE_CHECKING:
    from collections.abc import Iterator

GLOBAL = "global"
HELMS = ["enabled", GLOBAL]
"""Keys that Helm reads or puts there itself."""

ITEM = "[]"
"""Stands for any item of a list in a path."""


def chart_table() -> dict[str, Any]:
    """Give what the chart needs for the same sentences, as JSON holds it."""
    places: dict[str, list[str]] = {}
    for key in all_keys():
        places.setdefault(key.rpartition(".")[2], []).append(key)
    return {
        "private": PRIVATE,
        "meant": MEANT,
        "flags": list(get_args(ServerFlag)),
        "many": MANY,
        "listed": LISTED,
        "words": {
            "suggested": unknown_keys.SUGGESTED,
            "elsewhere": unknown_keys.ELSEWHERE,
            "beside": unknown_keys.BESIDE,
            "too many": unknown_keys.TOO_MANY,
            "no option": unknown_keys.NO_OPTION,
            "everywhere": unknown_keys.EVERYWHERE,
            "foreign": unknown_keys.FOREIGN,
        },
        "bundled": BUNDLED,
        "places": places,
        "maps": dict(maps(Values)),
        "helms": {"": HELMS, **{name: [GLOBAL] for name in BUNDLED}},
    }


def maps(kind: Any, place: str = "") -> Iterator[tuple[str, list[str]]]:
    """Each map with known keys and these keys, by its place: `ingress.hosts[].paths[]`."""
    if get_origin(kind) is list:
        yield from maps(get_args(kind)[0], f"{place}{ITEM}")
    elif is_section(kind):
        yield place, names_in(kind)
        for name, field in fields(kind):
            yield from maps(field.annotation, f"{place}.{name}".removeprefix("."))
    elif get_origin(kind) is dict and get_args(kind)[0] == ServerOption:
        yield place, names_in(kind)
