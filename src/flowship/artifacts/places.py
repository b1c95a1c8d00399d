"""Which places a client may name: as an experiment's artifact location, or as the source of a model version.

MLflow keeps such a place and later reads and writes there for whoever may see the experiment or the model, with the
credentials of the server. So a place must lie where this server keeps artifacts anyway, or where the operator says. An
address that two programs could read differently is refused, instead of being guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

REFERENCES = frozenset({"runs", "models"})
"""Schemes of what MLflow looks up itself, and whose permissions it has asked for."""

_ADDRESS = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):(?://(?P<authority>[A-Za-z0-9._@:+-]*))?)?(?P<path>|/[^?#\\\0-\x1f\x7f]*)"
)
_ABSOLUTE = re.compile(r"/|[a-z][a-z0-9+.-]*:")
"""How addresses begin that name the same place for everybody; an old run may have another one."""
_CREDENTIALS = re.compile(r":.*@")
_AMBIGUOUS = re.compile(r"[\\\0-\x1f\x7f]|(^|/)\.{1,2}(/|$)")

PLAIN = (
    "is no plain address. Write scheme and path in full, such as `s3://bucket/path`, in lower case up to the bucket, "
    "without credentials, `.`, `..`, `?`, `#` or backslashes, plain or escaped"
)


@dataclass(frozen=True)
class Place:
    """An address in its parts, as it is written."""

    scheme: str
    authority: str
    path: str

    def under(self, root: Place) -> bool:
        """Tell whether this is the root or something below it; a root without authority and path is its whole
        scheme."""
        if self.scheme != root.scheme:
            return False
        if not root.authority and not root.path:
            return True
        top = root.path.rstrip("/")
        return self.authority == root.authority and (self.path == top or self.path.startswith(f"{top}/"))


def place(address: str) -> Place | None:
    """Give the place that an address names, or None when it is no plain one. A path has the scheme `file`."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None or address != address.strip():
        return None
    found = Place(parts["scheme"] or "file", parts["authority"] or "", parts["path"])
    if _CREDENTIALS.search(found.authority) or (found.scheme == "file" and found.authority):
        return None
    decoded = _decoded(found.path)
    if decoded.count("/") != found.path.count("/") or _AMBIGUOUS.search(decoded):
        return None
    return found if found.path or found.authority else None


def root(address: str) -> Place:
    """Give the place of an address that the operator or MLflow wrote. Raises ValueError when it is none."""
    parts = re.fullmatch(r"(?:([a-z][a-z0-9+.-]*):(?://([^/]*))?|(?=/))(.*)", address, re.DOTALL)
    if parts is None:
        raise ValueError(f"{address} is not an address")
    return Place(parts[1] or "file", parts[2] or "", parts[3])


def _decoded(path: str) -> str:
    """Give the path without escapes, of which one may hide another."""
    while (plainer := unquote(path)) != path:
        path = plainer
    return path


@dataclass(frozen=True)
class Allowed:
    """The places that clients may name; each question is answered with None, or with the sentence that refuses."""

    roots: tuple[str, ...]
    """Where this server keeps artifacts, in the words that clients know."""
    others: tuple[str, ...] = ()
    """`artifactRoot.allowedLocations`."""
    users: bool = False
    """Whether the server tells users apart, so that what one may read another may not."""

    def location(self, field: str, address: str) -> str | None:
        """Judge where an experiment, or all those of a workspace, may keep artifacts."""
        found = place(address)
        if found is None:
            return f'{field} "{address}" {PLAIN}; or leave it out.'
        if _under(found, self.others):
            return None
        if _under(found, self.roots):
            return self._of_an_experiment(field, address, found) if self.users else None
        return (
            f'{field} "{address}" is not under {" or ".join(self.roots)}, where this server keeps artifacts. Leave it '
            f"out; {self._more()}"
        )

    def _of_an_experiment(self, field: str, address: str, found: Place) -> str | None:
        """Refuse the folder of an experiment that is there, or will be: the server keeps each by its number, and what
        is written there appears among its artifacts."""
        tops = [root(known).path.rstrip("/") for known in self.roots if _under(found, [known])]
        firsts = [_decoded(found.path.removeprefix(top)).strip("/").partition("/")[0] for top in tops]
        if not any(first.strip().isdecimal() for first in firsts):
            return None
        return (
            f'{field} "{address}" is where the server keeps the artifacts of an experiment by its number. Leave it '
            f"out, or begin with a name; {self._more()}"
        )

    def source(self, address: str, own: Callable[[], Iterable[str]]) -> str | None:
        """Judge what a model version may be made from; `own` tells the places of the run and the model that it names,
        which the user may read."""
        found = place(address)
        if found is None:
            return f'source "{address}" {PLAIN}.'
        if found.scheme in REFERENCES or _under(found, self.others if self.users else (*self.roots, *self.others)):
            return None
        if _under(found, own()):
            return None
        return (
            f'source "{address}" is not among the artifacts of the run or model that the request names. Write '
            "runs:/RUN_ID/PATH with its run_id, models:/MODEL_ID with its model_id, or a place under their artifacts; "
            f"{self._more()}"
        )

    def _more(self) -> str:
        who = "an admin may name any place, and can" if self.users else "whoever runs this server can"
        return f"{who} let everybody name this one by artifactRoot.allowedLocations."


def _under(found: Place, roots: Iterable[str]) -> bool:
    return any(found.under(root(known)) for known in roots if _ABSOLUTE.match(known))
