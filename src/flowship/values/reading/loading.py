"""Values files and `--set`, read and merged as Helm does it, and each value's place.

    files, in order ──merge──> --set, in order ──> Loaded ──over(defaults)──> the values that count

Findings of all files and of all `--set` are collected, so that one run shows everything there is to mend.
"""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flowship.values.model.finding import Finding, refusal
from flowship.values.model.provenance import Item, Path, Source, merge
from flowship.values.reading.assignment import AssignmentError, assign, parse
from flowship.values.reading.documents import DocumentError, read

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Mapping, Sequence

__all__ = ["Loaded", "Path", "Source", "load", "over"]


@dataclass(frozen=True)
class Loaded:
    """What the user wrote, before the defaults."""

    data: dict[str, Any]
    """Merged values; None stays where a `null` must still remove a default."""

    sources: Mapping[Path, Source]
    """The place of every key and list item; of a map in several files, the last one."""

    order: tuple[str, ...] = ()
    """The names of what was read, as it was: files, and the options with their keys."""

    def source_of(self, path: Path) -> Source | None:
        """Tell where the value at `path` was written, else the map or list around it; None if the user wrote
        neither."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.sources:
                return self.sources[path[:length]]
        return None


def load(files: Sequence[pathlib.Path], assignments: Sequence[str]) -> Loaded:
    """Read values files (`-` is standard input), later ones over earlier ones, then `--set` and its kin over all.

    Raises ValuesError with everything that cannot be read.
    """
    findings: list[Finding] = []
    order: list[str] = []
    values = Item({}, Source("values"))
    for file in files:
        found = _read(file, findings)
        order.append(found.source.name)
        values = merge(values, found)
    for argument in assignments:
        values = _assigned(values, argument, findings, order)
    if findings:
        raise refusal(findings, order)
    sources = dict(values.sources())
    del sources[()]
    return Loaded(values.data(), sources, tuple(order))


def _read(file: pathlib.Path, findings: list[Finding]) -> Item:
    name = "stdin" if str(file) == "-" else str(file)
    try:
        content = sys.stdin.buffer.read() if name == "stdin" else file.read_bytes()
        return read(content, name)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        findings.append(Finding(f"cannot be read: {reason}.", source=Source(name)))
    except DocumentError as error:
        findings.extend(error.findings)
    return Item({}, Source(name))


def _assigned(values: Item, argument: str, findings: list[Finding], order: list[str]) -> Item:
    try:
        for assignment in parse(argument):
            order.append(assignment.source.name)
            values = assign(values, assignment)
    except AssignmentError as error:
        order.append(error.source.name)
        findings.append(Finding(f"{error.reason}.", source=error.source))
    return values


def over(defaults: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Give the user's values over a chart's defaults, as Helm 4 coalesces them. Neither argument is changed.

    Maps are merged, lists and scalars replaced; a map stays although its default is none, and the reverse. A null of
    the user's removes the default; where there is no default it stays, as null. A null among the defaults counts as no
    default at all: Helm 3 keeps it (and below the top level, lets the user's null remove it, where Helm 4 keeps null).
    """
    values: dict[str, Any] = copy.deepcopy(dict(data))
    for key, default in _without_nulls(defaults).items():
        # At the top level a null is removed even where the default is null.
        _fill(values, key, default)
    for key in [key for key, value in values.items() if value is None and key in defaults]:
        del values[key]
    return values


def _fill(values: dict[str, Any], key: str, default: Any) -> None:
    if key not in values:
        values[key] = default
    elif values[key] is None:
        del values[key]
    elif isinstance(values[key], dict) and isinstance(default, dict):
        for below in default:
            _fill(values[key], below, default[below])


def _without_nulls(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Give a copy without the keys whose default is null; lists are kept as they are."""
    return {
        key: _without_nulls(value) if isinstance(value, dict) else copy.deepcopy(value)
        for key, value in defaults.items()
        if value is not None
    }
