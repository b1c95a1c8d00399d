"""The shapes of texts, which stand on the fields of the model, as rules like all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args, get_origin

from flowship.values.model.fields.shape import Shape, Without
from flowship.values.model.keys import leaves
from flowship.values.model.server.options import OPTION_SHAPES
from flowship.values.rules.language.conditions import matches
from flowship.values.rules.language.list_conditions import every_text
from flowship.values.rules.language.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def shapes() -> Iterator[Rule]:
    """Each text has the shape that its field asks for."""
    for key, field in leaves():
        yield from _shaped(key, field.metadata)
        if get_origin(field.annotation) is list:
            yield from _items(key, get_args(field.annotation)[0])
    for option, found in OPTION_SHAPES.items():
        yield from _shaped(f"extraArgs.{option}", found)


def _shaped(key: str, marks: Iterable[Any]) -> Iterator[Rule]:
    section = key.rpartition(".")[0]
    for mark in marks:
        if isinstance(mark, Shape):
            yield Rule((key,), ~matches(key, rf"^\z|{mark.pattern}"), mark.reason.replace("{section}", section))
        elif isinstance(mark, Without):
            yield Rule((key,), matches(key, mark.pattern), mark.reason.replace("{section}", section))


def _items(key: str, kind: Any) -> Iterator[Rule]:
    for mark in getattr(kind, "__metadata__", ()):
        if isinstance(mark, Shape):
            yield Rule((key,), ~every_text(key, mark.pattern), mark.reason)
