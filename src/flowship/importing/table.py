"""The words in which a table says what becomes of a key of another chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from flowship.importing.draft import Draft

SUPERSEDED = "is that chart's default, so Flowship's own is used. Write it again if you chose it on purpose."
_NOTHING = object()


class Translation(Protocol):
    """What becomes of a key of another chart."""

    def apply(self, draft: Draft, key: str, value: Any) -> None:
        """Write into the draft what the key with this value means, or say why not."""


@dataclass(frozen=True)
class Kept:
    """A key whose value is written as it is, at the same key or at another one."""

    to: str = ""
    superseded: Any = _NOTHING
    """A default of the other chart that Flowship changed on purpose; of a map, each of its entries."""
    unread_beside: str = ""
    """A key of the other chart beside which it does not read this one."""

    def apply(self, draft: Draft, key: str, value: Any) -> None:
        if self.unread_beside and value and draft.given(self.unread_beside):
            draft.say(key, f"is not read by that chart where {self.unread_beside} is given, so it was left out.")
            return
        rest = _without(value, self.superseded)
        if rest is _NOTHING or rest != value:
            draft.say(key, SUPERSEDED)
        if rest is not _NOTHING:
            draft.put(key, (self.to or key).split("."), rest)


def _without(value: Any, default: Any) -> Any:
    """Give what is left of a value without the other chart's default."""
    if value == default:
        return _NOTHING
    if isinstance(value, dict) and isinstance(default, dict):
        return {name: each for name, each in value.items() if default.get(name, _NOTHING) != each} or _NOTHING
    return value


@dataclass(frozen=True)
class LeftOut:
    """A key that has no equal; the sentence says what to do instead."""

    why: str
    default: Any = None
    """The other chart's default, which loses nothing."""
    within: str = ""
    """The key that switches on what this one belongs to."""

    def apply(self, draft: Draft, key: str, value: Any) -> None:
        switched_on = not self.within or draft.given(self.within)
        if switched_on and value != self.default and value not in (None, "", [], {}):
            draft.leave_out(key, self.why)


@dataclass(frozen=True)
class NotNeeded:
    """A key without which nothing is lost; the sentence says why."""

    why: str
    default: Any = None

    def apply(self, draft: Draft, key: str, value: Any) -> None:
        if value != self.default and value not in (None, "", [], {}):
            draft.say(key, self.why)


@dataclass(frozen=True)
class Converted:
    """A key whose meaning a function writes into the draft."""

    by: Callable[[Draft, str, Any], None]

    def apply(self, draft: Draft, key: str, value: Any) -> None:
        if value is not None:
            self.by(draft, key, value)


Table = Mapping[str, Translation]
"""For each dotted key what becomes of it and all below it; `a.*` is every other key below `a`."""


def no_variables(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Chart:
    """Another chart of MLflow."""

    name: str
    """What `--from` takes."""
    title: str
    """What sentences call it."""
    table: Table = field(repr=False)
    variables: Callable[[Mapping[str, Any]], Mapping[str, Any]] = no_variables
    """The environment variables that its values give to the server."""
    implied: Mapping[str, Any] = field(default_factory=dict)
    """Defaults by which others reach the server, and that differ from Flowship's: written out if the file has none."""
