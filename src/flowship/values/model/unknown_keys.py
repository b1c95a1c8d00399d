"""What is said of a key that there is not, by Python here; `chartgen/unknown_table.py` has the chart say the same."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from flowship.values.model.keys import all_keys, dotted, fields, is_section, kind_at, lists_of
from flowship.values.model.server.process import ServerFlag, ServerOption

if TYPE_CHECKING:
    from flowship.values.model.provenance import Path

BUNDLED = ("postgresql", "mysql")
"""Where whoever moves a release of chart 0.16.5 has keys of Bitnami's charts, which are not those of the same name
elsewhere."""

MEANT = {"postgres": "postgresql"}
"""Keys that the specification's own examples misspell."""

NEAR = 0.6
"""How alike two names are, by `difflib`, for one to be taken for the other; the chart's `mlflow.near` knows it too."""

MANY = 3
"""Of more keys than these of the same name, none is suggested."""

LISTED = 25
"""Of more keys than these, the names are no help on a screen."""

SUGGESTED = "is not a known key. Did you mean %s?"
ELSEWHERE = "is not a known key here. Did you mean %s?"
BESIDE = "is not a known key. The keys of %s are %s."
TOO_MANY = "is not a known key. All keys are in docs/reference/keys.md."
NO_OPTION = "takes no value. Write its name into the list extraFlags."
FOREIGN = (
    "is a key of Bitnami's chart, or none; the database of this chart does not have it, since its image is the "
    "official one. Remove it. The keys here are %s."
)
EVERYWHERE = "the top level"


def unknown(path: Path) -> str:
    """Give the sentence for a key that there is not."""
    *parents, name = path
    siblings = known_keys(tuple(parents))
    place = dotted(tuple(parents))
    if parents and parents[0] in BUNDLED:
        return FOREIGN % ", ".join(siblings)
    if place == "extraArgs" and name in get_args(ServerFlag):
        return NO_OPTION
    if near := _near(place, str(name), siblings):
        return SUGGESTED % dotted((*parents, near))
    if 0 < len(others := _elsewhere(place, str(name))) <= MANY:
        return ELSEWHERE % lists_of(others, "or")
    if len(siblings) > LISTED:
        return TOO_MANY
    return BESIDE % (place or EVERYWHERE, lists_of(siblings, "and"))


def _near(place: str, name: str, siblings: list[str]) -> str | None:
    if not place and name in MEANT:
        return MEANT[name]
    return next(iter(get_close_matches(name, siblings, n=1, cutoff=NEAR)), None)


def _elsewhere(place: str, name: str) -> list[str]:
    """Keys of the same name at other places, those below this one first."""
    found = [key for key in all_keys() if key.split(".")[-1] == name]
    return [key for key in found if place and key.startswith(f"{place}.")] or found


def known_keys(parents: Path) -> list[str]:
    """Give the keys that the map at this path may have."""
    return names_in(kind_at(parents))


def names_in(kind: Any) -> list[str]:
    """Give the keys of a map of this kind, without Helm's own."""
    if not is_section(kind):
        return list(get_args(ServerOption))
    return [name for name, field in fields(kind) if not field.exclude]
