"""Where the artifacts of what was deleted are in truth, and whether they are surely its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from flowship.artifacts.behind import OtherServerError, path_behind
from flowship.artifacts.places import place, root

if TYPE_CHECKING:
    from collections.abc import Iterable

STORES = frozenset({"file", "s3", "gs", "wasb", "wasbs"})
FOLDER = "artifacts"
"""How MLflow calls the folder in that of a run, a model or a trace."""


class NoPlaceError(Exception):
    """There is no place that could be emptied; the message tells why, as the end of a sentence."""


@dataclass(frozen=True)
class Folder:
    """A folder in a store."""

    scheme: str
    authority: str
    path: str
    """Without a slash at its end; on disk from the root of the file system, as the system writes it."""

    @property
    def store(self) -> str:
        """The address of the bucket or container; on disk, nothing but the scheme."""
        return f"{self.scheme}://{self.authority}"

    @property
    def uri(self) -> str:
        """The address for people."""
        return f"{self.store}{'' if self.path.startswith('/') else '/'}{self.path}"

    @property
    def above(self) -> Folder:
        """Give the folder that this one is in."""
        return Folder(self.scheme, self.authority, self.path.rpartition("/")[0])

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    def below(self, *names: str) -> Folder:
        """Give a folder in this one."""
        return Folder(self.scheme, self.authority, "/".join((self.path, *names)) if self.path else "/".join(names))


def real_folder(uri: str, behind: str) -> Folder:
    """Give the folder that an address names; `behind` is where the server keeps what goes through it.

    Raises:
        NoPlaceError: it names none that is known here.
    """
    if place(uri) is None:
        raise NoPlaceError(f"its artifacts' address, {uri}, is no plain one")
    try:
        path = path_behind(uri)
    except OtherServerError as error:
        raise NoPlaceError(f"its artifacts are behind the server {error}, which may be another one") from error
    if path is None:
        return known_folder(uri)
    top = known_folder(behind)
    return top.below(path) if path else top


def known_folder(uri: str) -> Folder:
    """Give the folder of an address in a store. Raises NoPlaceError."""
    try:
        found = root(uri)
    except ValueError as error:
        raise NoPlaceError(f"its artifacts' address, {uri}, is no plain one") from error
    if found.scheme not in STORES:
        raise NoPlaceError(f"its artifacts are at {uri}, from where Flowship removes nothing")
    if found.scheme == "file":
        path = unquote(found.path) if uri.startswith("file:") else found.path
        return Folder("file", "", path.rstrip("/"))
    return Folder(found.scheme, found.authority, found.path.strip("/"))


def own_folder(uri: str, name: str, behind: str, taken: Iterable[str] = ()) -> Folder:
    """Give the folder of what has this name. It must bear the name, or it may be anybody's: MLflow itself makes it so.
    `taken` are names of folders that hold something else.

    Raises:
        NoPlaceError: it does not, or is not known here.
    """
    found = real_folder(uri, behind)
    names = found.path.split("/")
    if name not in (names[-1], *names[-2:-1]) or (names[-1] != name and names[-1] != FOLDER):
        raise NoPlaceError(f"its artifacts are at {uri}, which does not bear its name, so that it may be another's")
    if name in taken:
        raise NoPlaceError(f"an experiment keeps its artifacts inside of {uri}")
    return found


def names_in(uris: Iterable[str]) -> set[str]:
    """Give the names of all folders in these addresses."""
    return {name for uri in uris for name in uri.split("/") if name}
