"""The grammar of `--set`, as Helm's `strvals` has it: `a.b=c`, `a[0]=x`, `a={x,y}`, several joined by commas.

A backslash takes the next character as it is, anywhere. `true`, `false`, `null` (in any case) and decimal integers of
64 bits have their types; everything else is text, such as `1.5`, `007` and `{}`'s one empty item. Flowship refuses what
Helm would take and ignore, an empty key (`a.`, `=x`) and `a[0]` without a value, and indexes by which it would make
items null, or replace one of another kind.

The others have the same keys. With `--set-string` all values are text, `true` and `null` too. With `--set-file` each
value, and each item of a list, is the path of a file, whose text is the value as it is, without a type; `-` is standard
input. With `--set-json` each value is JSON; and an argument that is a map in JSON is put over the values as a file is.

What stands after a comma may be the rest of a password in which the comma was not escaped. So messages name a key only
when `=` follows it, and no message holds a value.
"""

from __future__ import annotations

import pathlib
import re
import sys
from dataclasses import dataclass
from typing import TypeAlias

from flowship.values.model.provenance import Item, Path, Scalar, Source, merge
from flowship.values.reading import json_values

_DEEPEST = 30
"""Helm's own limit (strvals.MaxNestedNameLevel)."""
_INDEX = re.compile(r"[0-9]{1,5}")

_INTEGER = re.compile(r"[-+]?[0-9]+")
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1
_WORDS = {"true": True, "false": False, "null": None}

_Value: TypeAlias = Scalar | list[Scalar] | Item


class AssignmentError(ValueError):
    """The text is not what Helm's `--set` takes; the reason quotes no value."""

    def __init__(self, source: Source, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source, self.reason = source, reason


class AsText(str):
    """The argument of a `--set-string`; one of a `--set` is plain text."""

    __slots__ = ()


class FromFile(str):
    """The argument of a `--set-file`."""

    __slots__ = ()


class FromJson(str):
    """The argument of a `--set-json`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """One `key=value` of a `--set` or its kin; without a path, a map that is laid over all values."""

    path: Path
    value: _Value
    source: Source


def parse(text: str) -> list[Assignment]:
    """Give the assignments in the argument of one `--set` or of its kin."""
    parser = _PARSERS[type(text)]
    try:
        text.encode()
    except UnicodeEncodeError:
        raise AssignmentError(Source(parser.option), "the argument is not UTF-8 text") from None
    return list(parser(text).assignments())


def assign(values: Item, assignment: Assignment) -> Item:
    """Give the values with the assignment, which is written into them, making the maps and lists on its way as Helm
    does."""
    item = _item(assignment.value, assignment.source)
    if not assignment.path:
        return merge(values, item)
    *steps, last = assignment.path
    at = values
    for depth, (step, below) in enumerate(zip(steps, assignment.path[1:], strict=True), start=1):
        at = _step(at, step, below, assignment, depth)
    _put(at, last, item, assignment, len(assignment.path))
    return values


def _step(at: Item, step: str | int, below: str | int, assignment: Assignment, depth: int) -> Item:
    """Give what lies at `step`, made if need be so that `below` can be put into it."""
    wanted: type = dict if isinstance(below, str) else list
    found = _get(at, step)
    if found is None:
        found = Item({} if wanted is dict else [], assignment.source)
        _put(at, step, found, assignment, depth)
    elif not isinstance(found.content, wanted):
        kind = "a map" if wanted is dict else "a list"
        what = written(assignment.path[:depth])
        raise AssignmentError(assignment.source, f"{what} is not {kind} where it was set before ({found.source})")
    return found


def _get(at: Item, step: str | int) -> Item | None:
    if isinstance(at.content, dict) and isinstance(step, str):
        return at.content.get(step)
    if isinstance(at.content, list) and isinstance(step, int):
        return at.content[step] if step < len(at.content) else None
    raise TypeError(step)


def _put(at: Item, step: str | int, item: Item, assignment: Assignment, depth: int) -> None:
    if isinstance(at.content, dict) and isinstance(step, str):
        at.content[step] = item
    elif isinstance(at.content, list) and isinstance(step, int):
        if step > len(at.content):
            what = written(assignment.path[:depth])
            raise AssignmentError(assignment.source, f"{what} leaves out items, which Helm makes null; set them first")
        at.content[step : step + 1] = [item]


def _item(value: _Value, source: Source) -> Item:
    if isinstance(value, Item):
        return value
    if isinstance(value, list):
        return Item([Item(each, source) for each in value], source)
    return Item(value, source)


def written(path: Path) -> str:
    """Give a path as one writes it for `--set`: `a.b[0]`, with dots inside a key escaped."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += ("." if text else "") + re.sub(r"([\\.,=\[])", r"\\\1", step)
    return text


class _Parser:
    """Reads the argument of a `--set` from left to right."""

    option = "--set"

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last = self.option

    def assignments(self) -> list[Assignment]:
        found = []
        while self._at < len(self._text):
            path = self._path()
            self._last = f"{self.option} {written(path)}"
            found.append(Assignment(path, self._value(), Source(self._last)))
        return found

    def _path(self) -> Path:
        path: list[str | int] = []
        while True:
            name, stop = self._until("=[,.")
            if stop in ("", ","):
                raise self._no_value([*path, name])
            if not name:
                raise AssignmentError(
                    Source(self._last), "a key is empty; write `key=value`, with `\\.` for a dot in a key"
                )
            path.append(name)
            if stop == "[":
                stop = self._index(path)
            if stop == "=":
                return tuple(path)
            if sum(isinstance(step, str) for step in path) > _DEEPEST:
                raise AssignmentError(Source(self._last), f"a key may have no more than {_DEEPEST} dots")

    def _index(self, path: list[str | int]) -> str:
        """Read `0]`, and what follows it: a dot or `=`."""
        digits, closing = self._until("]")
        if not closing or not _INDEX.fullmatch(digits):
            raise AssignmentError(Source(self._last), "an index in [ ] must be a number of at most five digits")
        path.append(int(digits))
        between, stop = self._until("[.=")
        if between or stop == "[":
            raise AssignmentError(Source(self._last), "only `=` or `.` may follow an index such as `[0]`")
        if not stop:
            raise self._no_value(path)
        return stop

    def _no_value(self, path: list[str | int]) -> AssignmentError:
        if self._last == self.option:
            return AssignmentError(Source(self.option), "the key has no value; write `key=value`")
        return AssignmentError(
            Source(self._last), "what follows a comma must be another `key=value`; write `\\,` for a comma in a value"
        )

    def _value(self) -> _Value:
        if not self._text.startswith("{", self._at):
            if self._at == len(self._text):
                return ""
            return self._read(self._until(",")[0])
        self._at += 1
        items: list[Scalar] = []
        stop = ","
        while stop == ",":
            text, stop = self._until(",}")
            items.append(self._read(text))
        if not stop:
            raise AssignmentError(Source(self._last), "a list must end with `}`")
        if self._text.startswith(",", self._at):
            self._at += 1
        return items

    def _read(self, text: str) -> Scalar:
        """Make a value of its text."""
        return _typed(text)

    def _until(self, stops: str) -> tuple[str, str]:
        """Give the text up to one of `stops`, and which it was; "" at the end. A backslash is taken away."""
        taken = ""
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character in stops:
                return taken, character
            if character == "\\":
                if self._at == len(self._text):
                    break
                character = self._text[self._at]
                self._at += 1
            taken += character
        return taken, ""


class _TextParser(_Parser):
    """Reads an argument whose values are text."""

    option = "--set-string"

    def _read(self, text: str) -> Scalar:
        return text


class _FileParser(_Parser):
    """Reads an argument whose values are paths of files, `-` of standard input."""

    option = "--set-file"

    def _read(self, text: str) -> Scalar:
        try:
            content = sys.stdin.buffer.read() if text.strip() == "-" else pathlib.Path(text).read_bytes()
            return content.decode()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise AssignmentError(Source(self._last), f"the file cannot be read: {reason}") from None


class _JsonParser(_Parser):
    """Reads an argument whose values are JSON, or that is a map in JSON."""

    option = "--set-json"

    def assignments(self) -> list[Assignment]:
        self._skip_blanks()
        if not self._text.startswith("{", self._at):
            self._at = 0
            return super().assignments()
        found = self._decoded()
        if self._at < len(self._text):
            raise AssignmentError(found.source, "the map must be all of the argument")
        return [Assignment((), found, found.source)]

    def _value(self) -> _Value:
        self._skip_blanks()
        if self._at == len(self._text) or self._text[self._at] == ",":
            self._at += 1
            return None
        found = self._decoded()
        if self._at < len(self._text) and self._text[self._at] != ",":
            raise AssignmentError(found.source, "only a comma and another `key=value` may follow the JSON of a value")
        self._at += 1
        return found

    def _decoded(self) -> Item:
        """Read one value, and the blanks behind it."""
        source = Source(self._last)
        try:
            found, self._at = json_values.read(self._text, self._at, source)
        except json_values.JsonError as error:
            raise AssignmentError(source, f"{error}") from None
        self._skip_blanks()
        return found

    def _skip_blanks(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1


def _typed(text: str) -> Scalar:
    word = text.casefold()
    if word in _WORDS:
        return _WORDS[word]
    if text == "0":
        return 0
    if text.startswith("0") or not _INTEGER.fullmatch(text):
        return text
    # Longer than any integer of 64 bits, unless it starts with zeros after its sign.
    number = int(text) if len(text.lstrip("+-0")) < 20 else _INT64_MAX + 1
    return number if _INT64_MIN <= number <= _INT64_MAX else text


_PARSERS: dict[type[str], type[_Parser]] = {
    str: _Parser,
    AsText: _TextParser,
    FromFile: _FileParser,
    FromJson: _JsonParser,
}
