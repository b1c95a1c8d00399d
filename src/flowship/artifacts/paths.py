"""What the path of an artifact names: read in one way by whoever decides about it and by whatever serves it.

A path in a URL is decoded here, once, and by nothing after it. What two readers could take for two places is refused,
with a sentence. A name under which MLflow's clients could not read an artifact back is refused when it is uploaded, but
not when it is read: what is stored already stays readable.
"""

from __future__ import annotations

import re
from pathlib import PureWindowsPath
from urllib.parse import unquote, unquote_to_bytes, urlparse, urlunparse, uses_netloc

SEPARATORS = re.compile(r"[/\\]")
"""What some reader takes for the end of a segment: Windows and some object stores read a backslash so."""

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that are none of a name: controls, and halves of characters."""

DECODINGS = 10
"""How often MLflow and its clients decode a name at most, until nothing changes any more."""

SHOWN = 300
"""Characters of a path that a sentence quotes at most."""

UNKNOWN_TYPE = "application/octet-stream"
"""The type that MLflow's client sends for a name whose ending tells none."""

TYPED_NAMES = re.compile(
    "txt|log|err|cfg|conf|cnf|cf|ini|properties|prop|hocon|toml|yaml|yml|xml|json|js|py|py3|csv|tsv|md|rst|ipynb"
    "|MLmodel|MLproject|mlproject"
)
"""Names without an ending for which it sends another one."""

_OLD_IMAGE = re.compile(
    r"(?P<key>(?:.*/)?images/[^/%]+)%step%(?P<step>\d+)%timestamp%(?P<time>\d+)%(?P<id>[0-9a-z-]{36})"
    r"(?:%(?P<compressed>compressed))?(?P<ending>\.\w+)"
)


class PathError(ValueError):
    """The path could be read in two ways, or its artifact could not be read back; the message is for who sent it."""


def decoded(raw: bytes) -> str:
    """Give the path of a request, with its escapes decoded once.

    Raises:
        PathError: it is no text, or hides what its readers would take for something else.
    """
    try:
        path = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise PathError("The path of the request is not UTF-8: escape each byte of a name's UTF-8 form.") from error
    return unambiguous(path)


def unambiguous(path: str) -> str:
    """Give the same path, decoded already, if no reader can take a part of it for a step to another place.

    Raises:
        PathError: with what may not be in it.
    """
    if CONTROLS.search(path):
        raise PathError(f"The path {_shown(path)} has a control character in it.")
    for reading in _readings(path):
        if not {".", ".."}.isdisjoint(SEPARATORS.split(reading)):
            raise PathError(f"The path {_shown(path)} has '.' or '..' in it: write the path that is meant.")
    return path


def canonical(path: str) -> str:
    """Give the path of an artifact, decoded already, if it can be read in one way only; the root's is empty.

    Raises:
        PathError: with what may not be in it.
    """
    unambiguous(path)
    if path.startswith("/") or PureWindowsPath(path).is_absolute():
        raise PathError(
            f"The path {_shown(path)} is absolute: write it from the root of the artifacts, without a '/' first."
        )
    if path and "" in path.split("/"):
        raise PathError(
            f"The path {_shown(path)} has an empty part: write one '/' between two names, and none at the end."
        )
    return path


def typed(path: str) -> str:
    """Give the canonical form of a path that a person may have typed, outside the path of a URL: `./a//b/` is `a/b`.

    Raises:
        PathError: it has no such form.
    """
    if path.startswith("/"):
        return canonical(path)
    return canonical("/".join(part for part in path.split("/") if part not in {"", "."}))


def storable(path: str) -> str:
    """Give the path under which an artifact that is uploaded to this canonical one is stored: the same, but for an
    image of MLflow's client 2.22 whose step clients would lose. It gets the name that newer clients give it.

    Raises:
        PathError: MLflow's clients could not read it back under its name.
    """
    if not path:
        raise PathError("The path names no artifact: write the name of a file at its end.")
    if (image := _OLD_IMAGE.fullmatch(path)) and listed(path) != path:
        path = _as_newer_clients_name(image)
    for name in path.split("/"):
        if found := next((char for char in "#?\\" if char in name), None):
            raise PathError(f"{_REFUSED.format(name=_shown(name))}: '{found}' may not be in it. {_RENAME}")
        if (read := listed(name)) != name:
            said = "they cannot read it" if read is None else f"they would read {_shown(read)}"
            raise PathError(f"{_REFUSED.format(name=_shown(name))}: {said}. {_RENAME}")
    return path


def kept(path: str) -> str:
    """Give the path under which an artifact is stored that is uploaded to one that a person may have typed.

    Raises:
        PathError: there is none, or MLflow's clients could not read it back under its name.
    """
    return storable(typed(path))


def _as_newer_clients_name(image: re.Match[str]) -> str:
    parts = [image["key"], "step", image["step"], "timestamp", image["time"], image["id"], image["compressed"]]
    return "+".join(part for part in parts if part) + image["ending"]


_REFUSED = "An artifact {name} could not be read back under its name by MLflow's clients"
_RENAME = "Rename it, then log it again."


def cut_name(path: str, content_type: str) -> None:
    """Refuse an upload by MLflow's client whose name was cut: the client sends the type that belongs to the whole name,
    but nothing from a `#` on, so a type that no name without an ending has gives it away.

    Raises:
        PathError: the name of the file was cut.
    """
    name = path.rpartition("/")[2]
    if "." in name or content_type in {"", UNKNOWN_TYPE} or TYPED_NAMES.fullmatch(name):
        return
    raise PathError(
        f"The file was cut to {_shown(name)} on its way, though it is {content_type}: MLflow's clients do not send "
        f"what follows a '#' in a name. {_RENAME}"
    )


def listed(name: str) -> str | None:
    """Tell what MLflow's clients make of a name that a server lists: they decode it until nothing changes any more, and
    read it as a URL on the way; None if they fail."""
    for _ in range(DECODINGS):
        try:
            read = _as_url(unquote(name))
        except ValueError:
            return None
        if read == name:
            return re.sub(r"[\x00-\x1f\x7f]", lambda found: f"%{ord(found[0]):02x}", name)
        name = read
    return None


def _as_url(name: str) -> str:
    """Give the name, taken apart as a URL and put together again as Python before 3.13 does, whatever runs here."""
    url = urlparse(name)
    if url.scheme and url.scheme in uses_netloc and not url.netloc and url.path and not url.path.startswith("/"):
        url = url._replace(path=f"/{url.path}")
    return urlunparse(url)


def _shown(path: str) -> str:
    """Give the path as a sentence quotes it."""
    shown = path if len(path) <= SHOWN else f"{path[:SHOWN]}..."
    return f"'{shown}'" if shown.isprintable() else repr(shown)


def _readings(path: str) -> list[str]:
    """Give the path, and what it would be for readers that decode it again and again."""
    readings = [path]
    while (again := unquote(readings[-1])) != readings[-1]:
        if len(readings) > DECODINGS:
            raise PathError(f"The path {_shown(path)} is escaped more than {DECODINGS} times: escape it once.")
        readings.append(again)
    return readings
